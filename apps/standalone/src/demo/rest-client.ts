import { Failure } from '../failure.js';

/** A condition's answer, as the API explains it. */
export interface Why {
  readonly path: string;
  readonly fact: string;
  readonly operator: string;
  readonly matched: boolean;
  readonly recipient?: string;
  readonly evidence?: readonly unknown[];
}

export interface RuleView {
  readonly name: string;
  readonly outcome: string;
  readonly recipients: readonly { readonly address: string; readonly outcome: string }[];
  readonly why: readonly Why[];
}

export interface RecipientView {
  readonly address: string;
  readonly state: string;
  readonly protection: string | null;
  readonly code?: string | null;
  readonly delivery: { readonly lastReply: string | null } | null;
}

export interface MessageView {
  readonly id: string;
  readonly status: string;
  readonly recipients: readonly RecipientView[];
  readonly rules: readonly RuleView[];
  readonly events: readonly { readonly type: string; readonly detail: Readonly<Record<string, unknown>> }[];
}

/** The API with one key, as anybody's program would use it. */
export class RestClient {
  constructor(
    readonly url: string,
    private readonly apiKey: string,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.#ask<T>(path, {});
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.postAs<T>(path, 'application/json', JSON.stringify(body));
  }

  postAs<T>(path: string, contentType: string, body: string | Uint8Array): Promise<T> {
    const init = {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: body as NonNullable<RequestInit['body']>,
    };
    return this.#ask<T>(path, init);
  }

  async #ask<T>(path: string, init: RequestInit): Promise<T> {
    const headers = { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${this.apiKey}` };
    const response = await fetch(`${this.url}${path}`, { ...init, headers });
    const text = await response.text();
    if (!response.ok)
      throw new Failure(`${init.method ?? 'GET'} ${path} was answered with ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }
}
