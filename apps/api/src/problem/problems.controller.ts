import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Open } from '../auth/access.js';
import { WithoutPlatform } from '../auth/without-platform.js';
import { html, sendPage, type Html } from '../http/page-shell.js';
import { ApiError } from './api-error.js';
import { readErrorPage } from './error-page.js';
import { problemStatuses } from './problem-table.js';

/** What an error code means and what to check: where the `type` of a problem leads. */
@ApiExcludeController()
@Controller('problems')
@Open('who gets an error may read what it means')
@WithoutPlatform()
export class ProblemsController {
  private readonly meanings = readErrorPage();
  private readonly statuses = new Map(problemStatuses);

  @Get()
  list(@Res() response: Response): void {
    const rows = [...new Set([...this.meanings.keys(), ...this.statuses.keys()])].toSorted().map(
      (code) =>
        html`<tr>
          <th scope="row"><a href="/problems/${code}">${code}</a></th>
          <td>${this.statuses.get(code) ?? ''}</td>
        </tr> `,
    );
    sendPage(
      response,
      200,
      'Error codes',
      html`<table>
        <thead>
          <tr>
            <th scope="col">Code</th>
            <th scope="col">HTTP status</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>`,
    );
  }

  @Get(':code')
  get(@Param('code') code: string, @Res() response: Response): void {
    const paragraphs = this.meanings.get(code);
    const status = this.statuses.get(code);
    if (paragraphs === undefined && status === undefined) throw new ApiError('ERR_RESOURCE_UNKNOWN');
    const said = status === undefined ? html`` : html`<p>HTTP status ${status}.</p>`;
    sendPage(
      response,
      200,
      code,
      html`${(paragraphs ?? []).map(paragraph)}${said}
        <p><a href="/problems">All codes</a></p>`,
    );
  }
}

/** A paragraph of Markdown in which only code is marked. */
function paragraph(text: string): Html {
  const parts = text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
  return html`<p>${parts}</p> `;
}
