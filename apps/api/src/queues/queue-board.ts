import { createBullBoard } from '@bull-board/api';
import { ExpressAdapter } from '@bull-board/express';
import type { RequestHandler } from 'express';
import type { Platform } from '../platform.js';
import { OurWorkersAdapter } from './our-workers.js';

export const QUEUES_PATH = '/queues';
/** The dashboard's page asks for a typeface from elsewhere; it has others to fall back on. */
const FOREIGN_FONT = /<link href="https:\/\/fonts\.[^>]*>/g;

/** Bull-board for Express, whose page asks nobody but us. */
class OwnFontsAdapter extends ExpressAdapter {
  override setEntryRoute(
    entry: Parameters<ExpressAdapter['setEntryRoute']>[0],
  ): ReturnType<ExpressAdapter['setEntryRoute']> {
    const answer: RequestHandler = (_request, response, next) => {
      const { name, params } = entry.handler({ basePath: this.basePath, uiConfig: this.uiConfig });
      this.app.render(name, params, (error: Error | null, page: string) => {
        if (error === null) response.type('html').send(page.replace(FOREIGN_FONT, ''));
        else next(error);
      });
    };
    for (const route of [entry.route].flat()) this.app.get(route, answer);
    return this;
  }
}

/** Bull-board over the queues, to be mounted at `/queues` behind the gate. */
export function queueBoard({ queues, stores, clock }: Pick<Platform, 'queues' | 'stores' | 'clock'>): RequestHandler {
  const serverAdapter = new OwnFontsAdapter();
  serverAdapter.setBasePath(QUEUES_PATH);
  createBullBoard({
    serverAdapter,
    queues: queues.boardQueues().map((queue) => {
      const externalJobUrl = ({ id }: { readonly id?: string | number | null | undefined }) => ({
        displayText: 'Messages of this job',
        href: `${QUEUES_PATH}/messages?queue=${encodeURIComponent(queue.name)}&job=${encodeURIComponent(String(id ?? ''))}`,
      });
      return new OurWorkersAdapter(queue, { externalJobUrl }, stores.processes, clock);
    }),
    options: {
      uiConfig: {
        boardTitle: 'Sealflow queues',
        hideDocsLink: true,
        miscLinks: [
          { text: 'Start page', url: '/' },
          { text: 'Log out', url: `${QUEUES_PATH}/logout` },
        ],
      },
    },
  });
  return serverAdapter.getRouter() as RequestHandler;
}
