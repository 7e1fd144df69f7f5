import type { Response } from 'express';
import { PAGE_POLICY } from './security-headers.js';

/** Text as it may stand in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** HTML that was put together from escaped parts. */
export interface Html {
  readonly html: string;
}

/** Puts HTML together: what is filled in is escaped, unless it is HTML already. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  const filled = values.map((value) => {
    if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
    return 'html' in value ? value.html : value.map((one) => one.html).join('');
  });
  return { html: parts.map((part, index) => part + (filled[index] ?? '')).join('') };
}

/** Sends a page of ours: one language, one heading, no script. */
export function sendPage(response: Response, status: number, title: string, body: Html): void {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Sealflow</title>
        <link rel="stylesheet" href="/sealflow.css" />
        <link rel="icon" href="/sealflow.svg" type="image/svg+xml" />
      </head>
      <body>
        <header><a href="/">Sealflow</a></header>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `;
  response.setHeader('Content-Security-Policy', PAGE_POLICY);
  response.status(status).type('text/html; charset=utf-8').send(page.html);
}
