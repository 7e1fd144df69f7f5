import { escapeHtml, html } from './page-shell.js';

describe('html', () => {
  it('guarantees that what is filled in is text, wherever it stands', () => {
    const evil = `"><script>alert('x')</script>&`;
    const page = html`<a href="${evil}">${evil}</a>${[html`<b>${evil}</b>`, html``]}${3}`;
    expect(page.html).not.toContain('<script>');
    expect(page.html).toBe(`<a href="${escapeHtml(evil)}">${escapeHtml(evil)}</a><b>${escapeHtml(evil)}</b>3`);
    expect(escapeHtml(evil)).toBe('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;');
  });
});
