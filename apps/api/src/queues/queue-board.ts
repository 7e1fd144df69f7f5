import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { RequestHandler } from 'express';
import type { Queues } from '../platform.js';

export const QUEUES_PATH = '/queues';

/** Bull-board over the queues, to be mounted at `/queues` behind the gate. */
export function queueBoard(queues: Queues): RequestHandler {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(QUEUES_PATH);
  createBullBoard({
    serverAdapter,
    queues: queues.boardQueues().map((queue) => {
      const externalJobUrl = ({ id }: { readonly id?: string | number | null | undefined }) => ({
        displayText: 'Messages of this job',
        href: `${QUEUES_PATH}/messages?queue=${encodeURIComponent(queue.name)}&job=${encodeURIComponent(String(id ?? ''))}`,
      });
      return new BullMQAdapter(queue, { externalJobUrl });
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
