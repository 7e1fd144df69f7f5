import { decideRecipient, decideSender, type Peer } from './relaying.js';

const CLINIC = 'clinic';
const MUSEUM = 'museum';
const key = { id: 'key', organizationId: CLINIC };
const stranger: Peer = { isTrustedNetwork: false, apiKey: null };
const trusted: Peer = { isTrustedNetwork: true, apiKey: null };
const authenticated: Peer = { isTrustedNetwork: false, apiKey: key };
const both: Peer = { isTrustedNetwork: true, apiKey: key };
const nobody = undefined;

describe('decideSender', () => {
  it.each([
    ['a stranger as the organization', stranger, CLINIC, { kind: 'refused' }],
    ['a stranger as anybody', stranger, nobody, { kind: 'refused' }],
    ['a trusted network as the organization', trusted, CLINIC, { kind: 'own', organizationId: CLINIC, apiKeyId: null }],
    ['a trusted network as anybody, or the null sender', trusted, nobody, { kind: 'foreign' }],
    ['a key as its organization', authenticated, CLINIC, { kind: 'own', organizationId: CLINIC, apiKeyId: 'key' }],
    ['a key as another organization', authenticated, MUSEUM, { kind: 'refused' }],
    ['a key as anybody, or the null sender', authenticated, nobody, { kind: 'refused' }],
    [
      'a key within a trusted network, as its organization',
      both,
      CLINIC,
      { kind: 'own', organizationId: CLINIC, apiKeyId: 'key' },
    ],
    ['the same as another organization', both, MUSEUM, { kind: 'own', organizationId: MUSEUM, apiKeyId: null }],
    ['the same as anybody', both, nobody, { kind: 'foreign' }],
  ])('%s', (_name, peer, organizationId, expected) => {
    expect(decideSender(peer, organizationId)).toEqual(expected);
  });
});

describe('decideRecipient', () => {
  const own = decideSender(trusted, CLINIC);
  const foreign = decideSender(trusted, nobody);

  it.each([
    ['the organization to anybody', own, nobody, CLINIC, { kind: 'accepted', organizationId: CLINIC }],
    ['the organization to another one of ours', own, MUSEUM, CLINIC, { kind: 'accepted', organizationId: CLINIC }],
    ['anybody to an organization of ours', foreign, MUSEUM, undefined, { kind: 'accepted', organizationId: MUSEUM }],
    ['anybody to a second recipient of it', foreign, MUSEUM, MUSEUM, { kind: 'accepted', organizationId: MUSEUM }],
    ['anybody to a second organization', foreign, CLINIC, MUSEUM, { kind: 'another' }],
    ['anybody to anybody', foreign, nobody, undefined, { kind: 'refused' }],
    ['anybody to anybody beside us', foreign, nobody, MUSEUM, { kind: 'refused' }],
    ['whoever was refused', decideSender(stranger, CLINIC), CLINIC, undefined, { kind: 'refused' }],
  ] as const)('%s', (_name, sender, organizationId, takenFor, expected) => {
    expect(decideRecipient(sender, organizationId, takenFor)).toEqual(expected);
  });
});
