import type { Clear, ClearGroup, Outgoing, PlanGroup, Sealed } from './message.js';
import { brand } from './message.js';
import type { Relay } from './ports.js';

/**
 * Short cuts that must not compile: `npm run check` fails when one of the errors that are expected here is gone. Nothing
 * of it is run.
 */
function shortCuts(relay: Relay, group: PlanGroup, parts: Clear, options: Parameters<Relay['send']>[1]): void {
  const bare = {
    deliveryId: '',
    messageId: '',
    organizationId: '',
    mailFrom: '',
    recipients: [],
    open: parts.open,
    sizeBytes: 0,
    has8bit: false,
  };
  // @ts-expect-error a literal is no clear copy: the step's brand is missing
  const clear: Clear = { ...bare, protection: 'none', blob: null };
  // @ts-expect-error a literal is no sealed copy either
  const sealed: Sealed = { ...bare, protection: 'smime', blob: 'memory:0:0' };
  // @ts-expect-error only Parsed, Judged, Plan and Emitted can be branded outside of the act step
  brand<Clear>({ ...bare, protection: 'none', blob: null });
  // @ts-expect-error nor can a sealed copy be branded
  brand<Sealed>({ ...bare, protection: 'smime', blob: 'memory:0:0' });
  // @ts-expect-error what a plan says is not what leaves
  void relay.send(group, options);
  // @ts-expect-error a clear copy is not a sealed one
  const other: Sealed = parts;
  // @ts-expect-error a group that may ask for protection is no clear group
  const asked: ClearGroup = group;
  const fine: Outgoing = parts;
  expect([clear, sealed, other, asked, fine]).toHaveLength(5);
}

describe('the types of what leaves', () => {
  it('guarantee that a short cut past the act step does not compile (checked by the type check, not here)', () => {
    expect(typeof shortCuts).toBe('function');
  });
});
