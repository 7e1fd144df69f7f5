import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Authenticator } from '../auth/authenticator.js';
import { requireScopes } from '../auth/require-scopes.js';
import { addressOf } from '../http/api-request.js';
import { mediaTypeOf } from '../http/media-type.js';
import { html, sendPage, type Html } from '../http/page-shell.js';
import { readBody } from '../http/request-body.js';
import { APPLICATION_POLICY } from '../http/security-headers.js';
import type { Platform } from '../platform.js';
import { ApiError } from '../problem/api-error.js';
import { problemOf } from '../problem/problem.js';
import { isAllowed } from './allowed-requests.js';
import { jobMessagesPage } from './job-messages.js';
import { LivingKeys } from './living-keys.js';
import { queueBoard, QUEUES_PATH } from './queue-board.js';
import { expiredCookie, SessionCookie, type Session } from './session-cookie.js';

const FORM_BYTES_MAX = 4_096;
const LOGIN = `${QUEUES_PATH}/login`;

/**
 * `/queues`: a login page that takes an API key with scope `queues`, and behind it the dashboard, to be looked at and
 * retried only. Mounted there, so paths are those below.
 */
export function queuesHandler(platform: Platform, authenticator: Authenticator): RequestHandler {
  const gate = new QueuesGate(platform, authenticator);
  return (request, response, next) => {
    gate.handle(request, response, next).catch(next);
  };
}

class QueuesGate {
  readonly #keys: LivingKeys;
  #board: RequestHandler | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly authenticator: Authenticator,
  ) {
    this.#keys = new LivingKeys(platform.stores.apiKeys, platform.clock);
  }

  async handle(request: Request, response: Response, next: NextFunction): Promise<void> {
    this.platform.requireOpen();
    requireSameOrigin(request);
    const asked = `${request.method} ${request.path}`;
    if (asked === 'GET /login') sendPage(response, 200, 'Queues', loginForm());
    else if (asked === 'POST /login') await this.login(request, response);
    else if (request.path === '/logout') logout(request, response);
    else await this.show(request, response, next);
  }

  private async login(request: Request, response: Response): Promise<void> {
    try {
      mediaTypeOf(request, ['application/x-www-form-urlencoded']);
      const form = new URLSearchParams((await readBody(request, FORM_BYTES_MAX)).toString('utf8'));
      const apiKey = await this.authenticator.authenticate((form.get('key') ?? '').trim(), addressOf(request));
      requireScopes(apiKey, ['queues']);
      const session = { organizationId: apiKey.organizationId, apiKeyId: apiKey.id };
      response.setHeader('Set-Cookie', (await this.cookie()).issue(session, request.secure));
      response.redirect(303, `${QUEUES_PATH}/`);
    } catch (error) {
      refuseLogin(error, response);
    }
  }

  private async show(request: Request, response: Response, next: NextFunction): Promise<void> {
    const session = await this.session(request);
    if (session === undefined) {
      if (request.method !== 'GET' || request.path.startsWith('/api/')) throw new ApiError('ERR_API_KEY_MISSING');
      response.redirect(303, LOGIN);
      return;
    }
    if (request.method === 'GET' && request.path === '/messages') {
      await showMessages(this.platform, session, request, response);
      return;
    }
    if (!isAllowed(request.method, request.path)) throw new ApiError('ERR_METHOD_REFUSED');
    response.setHeader('Content-Security-Policy', APPLICATION_POLICY);
    if (request.path.startsWith('/static/')) response.setHeader('Cache-Control', 'private, max-age=86400');
    this.#board ??= queueBoard(this.platform);
    await this.#board(request, response, next);
  }

  private async session(request: Request): Promise<Session | undefined> {
    const session = (await this.cookie()).read(request.headers.cookie);
    return session !== undefined && (await this.#keys.has(session)) ? session : undefined;
  }

  private async cookie(): Promise<SessionCookie> {
    return new SessionCookie(await this.platform.kms.secretFor('cookie'), this.platform.clock);
  }
}

function logout(request: Request, response: Response): void {
  response.setHeader('Set-Cookie', expiredCookie(request.secure));
  response.redirect(303, LOGIN);
}

async function showMessages(platform: Platform, session: Session, request: Request, response: Response): Promise<void> {
  const { queue = '', job = '' } = request.query as Record<string, unknown>;
  const asked = { queue: typeof queue === 'string' ? queue : '', job: typeof job === 'string' ? job : '' };
  const page = await jobMessagesPage(platform, session, asked);
  if (page === undefined)
    sendPage(response, 404, 'No such job', html`<p>It is done, or was never there. <a href="/queues/">Queues</a></p>`);
  else sendPage(response, 200, 'Messages of a job', page);
}

/** The cookie does not come along from elsewhere (`SameSite=Strict`); browsers that say where a request comes from are heard too. */
function requireSameOrigin(request: Request): void {
  const from = request.headers['sec-fetch-site'];
  const isWrite = request.method !== 'GET' && request.method !== 'HEAD';
  if (isWrite && from !== undefined && from !== 'same-origin' && from !== 'none')
    throw new ApiError('ERR_METHOD_REFUSED');
}

function refuseLogin(error: unknown, response: Response): void {
  const { problem, retryAfterSeconds } = problemOf(error);
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', retryAfterSeconds);
  const isOurs = problem.status === 401 || problem.status === 403;
  const said = isOurs ? new ApiError('ERR_LOGIN_FAILED').publicText : problem.title;
  sendPage(response, isOurs ? 401 : problem.status, 'Queues', loginForm(said));
}

function loginForm(said?: string): Html {
  return html`${said === undefined ? html`` : html`<p role="alert">${said}</p>`}
    <form method="post" action="${LOGIN}">
      <label for="key">API key with the scope queues</label>
      <input id="key" name="key" type="password" required autocomplete="current-password" spellcheck="false" />
      <button type="submit">Log in</button>
    </form>`;
}
