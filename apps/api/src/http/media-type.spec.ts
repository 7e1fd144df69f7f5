import type { ApiError } from '../problem/api-error.js';
import { mediaTypeOf } from './media-type.js';

function asked(contentType: string): string {
  const request = { headers: { 'content-type': contentType } };
  try {
    return mediaTypeOf(request, ['message/rfc822', 'application/json']);
  } catch (error) {
    const [problem] = (error as ApiError).problems;
    return `${problem?.pointer ?? ''} ${problem?.message ?? ''}`;
  }
}

describe('mediaTypeOf', () => {
  it('is one of those that are taken, whatever its case and parameters', () => {
    expect(asked('Message/RFC822; charset=x')).toBe('message/rfc822');
  });

  it('says which are, and to curl how', () => {
    expect(asked('text/plain')).toBe('/Content-Type takes message/rfc822 or application/json, uncompressed');
    const toCurl = asked('application/x-www-form-urlencoded');
    expect(toCurl).toContain("--header 'Content-Type: message/rfc822' --data-binary @file");
  });
});
