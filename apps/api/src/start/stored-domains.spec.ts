import { domainsNotice } from './stored-domains.js';

describe('domainsNotice', () => {
  it('names the variable and what is stored where they differ', () => {
    const notice = domainsNotice(['clinic.example', 'new.example'], ['clinic.example', 'old.example']);
    expect(notice).toContain('SEALFLOW_ORG_DOMAINS');
    expect(notice).toContain('clinic.example, old.example.');
    expect(notice).toContain('until the first organization has domains');
    expect(domainsNotice(['a.example'], ['a.example', 'b.example'])).toBeDefined();
  });

  it('is silent where both are the same, or none is given', () => {
    expect(domainsNotice(['b.example', 'a.example'], ['a.example', 'b.example'])).toBeUndefined();
    expect(domainsNotice([], ['a.example'])).toBeUndefined();
  });

  it('cuts a long list', () => {
    const many = Array.from({ length: 300 }, (_, n) => `d${n}.example`);
    expect(domainsNotice(['a.example'], many)?.length).toBeLessThan(450);
  });
});
