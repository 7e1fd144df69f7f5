import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Open } from '../auth/access.js';
import { WithoutPlatform } from '../auth/without-platform.js';
import { html, sendPage } from '../http/page-shell.js';
import { ICON, STYLE_SHEET } from '../http/style-sheet.js';
import { ReadinessProbe, type Readiness } from './readiness.js';

const LINKS = [
  ['/docs', 'API documentation', 'every address, with examples'],
  ['/openapi.json', 'OpenAPI file', 'the same for programs'],
  ['/queues', 'Queues', 'jobs that wait, run or failed; needs an API key with the scope queues'],
  ['/readyz', 'Readiness', 'as JSON'],
  ['/metrics', 'Metrics', 'Prometheus; by token, or from this machine'],
] as const;

const NAMES = {
  database: 'Database',
  queue: 'Queue',
  smtp: 'SMTP door',
  worker: 'Worker',
  relay: 'Relay',
} as const;

/** The start page: what runs here, and where to go. */
@ApiExcludeController()
@Controller()
@Open('a start page')
@WithoutPlatform()
export class HomeController {
  constructor(private readonly probe: ReadinessProbe) {}

  @Get()
  async home(@Res() response: Response): Promise<void> {
    const { status, checks } = await this.probe.ask();
    const rows = (Object.keys(NAMES) as (keyof typeof NAMES)[]).map((name) => {
      const { ok, failing, detail } = checks[name];
      return html`<tr>
        <th scope="row">${NAMES[name]}</th>
        <td>${ok && failing !== true ? 'OK' : html`<span class="bad">${ok ? 'Fails' : 'Not ready'}</span>`}</td>
        <td>${detail}</td>
      </tr> `;
    });
    const links = LINKS.map(([href, name, what]) => html`<li><a href="${href}">${name}</a>: ${what}</li> `);
    const body = html`<p>
        Sealflow runs rules over mail that passes through it, and encrypts what they say. ${summaryOf(status, checks)}
      </p>
      <h2 id="state">State</h2>
      <table aria-labelledby="state">
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">State</th>
            <th scope="col">Detail</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
      <h2>Where to go</h2>
      <nav aria-label="Pages">
        <ul>
          ${links}
        </ul>
      </nav>`;
    sendPage(response, 200, 'Mail rules and encryption', body);
  }

  @Get('sealflow.css')
  style(@Res() response: Response): void {
    response.setHeader('Cache-Control', 'max-age=300');
    response.type('text/css; charset=utf-8').send(STYLE_SHEET);
  }

  @Get('sealflow.svg')
  icon(@Res() response: Response): void {
    response.setHeader('Cache-Control', 'max-age=300');
    response.type('image/svg+xml').send(ICON);
  }
}

function summaryOf(status: Readiness['status'], checks: Readiness['checks']): string {
  if (status === 'notReady') return 'Something is not ready yet.';
  return checks.relay.failing === true ? 'Mail is taken, and waits for the relay.' : 'Everything works.';
}
