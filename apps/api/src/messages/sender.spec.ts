import { problemOf } from '../problem/problem.js';
import { requireOwnSender } from './sender.js';

function refusal(mailFrom: string, domains: readonly string[]): string | undefined {
  try {
    requireOwnSender(mailFrom, domains);
    return undefined;
  } catch (error) {
    return problemOf(error).problem.detail;
  }
}

describe('requireOwnSender', () => {
  it('lets nobody send but for the domains of the organization', () => {
    expect(refusal('a@clinic.example', ['clinic.example'])).toBeUndefined();
    expect(refusal('a@other.example', ['clinic.example'])).toContain('own domains only');
    expect(refusal('', ['clinic.example'])).toContain('own domains only');
  });

  it('names the variable where there is no domain at all, and only there', () => {
    expect(refusal('a@clinic.example', [])).toContain('SEALFLOW_ORG_DOMAINS');
    expect(refusal('a@other.example', ['clinic.example'])).not.toContain('SEALFLOW_ORG_DOMAINS');
  });
});
