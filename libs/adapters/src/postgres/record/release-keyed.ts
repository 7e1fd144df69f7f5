import type { Send } from '../database-pool.js';
import { addEvents, findKeyless, lockMessages, refreshMessages, wakeKeyless } from './wake-statements.js';

/**
 * A key came: copies that were held for want of it are due again, with an event. At most `limit` copies; gives the ids of
 * their messages. Part of a transaction that acts for the organization.
 */
export async function releaseKeyed(
  send: Send,
  organizationId: string,
  addresses: readonly string[],
  limit: number,
): Promise<string[]> {
  const found = await send(findKeyless(organizationId, addresses, limit));
  if (found.length === 0) return [];
  const locked = await send(lockMessages([...new Set(found.map(({ message_id: id }) => id))]));
  const isLocked = new Set(locked.map(({ id }) => id));
  const waking = found.filter(({ message_id: id }) => isLocked.has(id));
  const woken = await send(
    wakeKeyless(
      waking.map(({ message_id: id }) => id),
      waking.map(({ address }) => address),
    ),
  );
  const byMessage = Map.groupBy(woken, ({ message_id: id }) => id);
  const ids = [...byMessage.keys()];
  const events = [...byMessage].map(([messageId, recipients]) => ({
    messageId,
    type: 'released' as const,
    detail: { why: 'keyArrived', recipients: recipients.map(({ address }) => address) },
  }));
  await Promise.all([send(addEvents(organizationId, events)), send(refreshMessages(organizationId, ids))]);
  return ids;
}
