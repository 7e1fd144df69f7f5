import { inPieces } from '../../../../test/support/streams.js';
import { applyEdits } from './apply-edits.js';
import { entityHeader } from './entity-header.js';
import { HeaderBlock } from './header-block.js';
import { splitMessage } from './split-message.js';

const parse = (text: string): HeaderBlock => HeaderBlock.parse(Buffer.from(text, 'latin1'));
const written = (header: HeaderBlock): string => header.toBytes().toString('latin1');

describe('HeaderBlock', () => {
  it('reads values unfolded and decoded, names without case', () => {
    const header = parse('SUBJECT: =?utf-8?Q?J=C3=BC?=\r\n =?utf-8?B?cmdlbg==?= says\r\n\thello\r\nX : y\r\n\r\n');
    expect(header.get('subject')).toEqual(['Jürgen says\thello']);
    expect(header.get('x')).toEqual(['y']);
    expect(header.getRaw('subject')).toEqual(['=?utf-8?Q?J=C3=BC?= =?utf-8?B?cmdlbg==?= says\thello']);
    expect(header.has('Y')).toBe(false);
  });

  it('reads raw 8-bit values as UTF-8, else as windows-1252, and keeps their bytes', () => {
    const header = parse('A: f\xc3\xbcr\r\nB: f\xfcr \x80\r\n\r\n');
    expect([header.get('A'), header.get('B')]).toEqual([['für'], ['für €']]);
    expect(written(header.without('C'))).toBe('A: f\xc3\xbcr\r\nB: f\xfcr \x80\r\n\r\n');
  });

  it('reads RFC 2231 parameters of content fields', () => {
    const header = parse(
      "Content-Disposition: attachment;\r\n filename*0*=utf-8''%C3%BC;\r\n filename*1=\"ber.txt\"\r\nContent-Type: a/b; name*=iso-8859-1'de'f%FCr\r\n\r\n",
    );
    expect(header.get('Content-Disposition')).toEqual(['attachment; filename="über.txt"']);
    expect(header.get('Content-Type')).toEqual(['a/b; name="für"']);
  });

  it('takes Bcc out with its folded lines and leaves every other byte', () => {
    const header = parse('From: a\r\nBCC: x@y,\r\n z@y\r\nBcc: q@y\r\nX:\xff\n\t folded \r\nstray\r\n\r\n');
    expect(written(header.without('Bcc'))).toBe('From: a\r\nX:\xff\n\t folded \r\nstray\r\n\r\n');
  });

  it('keeps a message that begins with an empty line, and one without any', async () => {
    const first = await splitMessage(inPieces(Buffer.from('\r\nFrom: a\r\n')));
    expect([first.header.fields.length, written(first.header)]).toEqual([0, '\r\n']);
    const second = await splitMessage(inPieces(Buffer.from('From: a\r\nSubject: b')));
    expect(second.header.get('Subject')).toEqual(['b']);
    expect(written(second.header.prepend([{ name: 'X', value: 'y' }]))).toBe('X: y\r\nFrom: a\r\nSubject: b');
  });

  it('ends a last field that has no line end before it adds another', () => {
    const edited = applyEdits(parse('From: a\r\nSubject: b'), [{ type: 'setHeader', name: 'X', value: 'y' }]);
    expect(written(edited)).toBe('From: a\r\nSubject: b\r\nX: y\r\n');
  });

  it('refuses a header over the limit, without waiting for its end', async () => {
    const limits = { headerSizeBytesMax: 100, headerFieldsMax: 3 };
    await expect(splitMessage(inPieces(Buffer.from(`X: ${'a'.repeat(200)}`), 10), limits)).rejects.toMatchObject({
      code: 'ERR_MAIL_HEADER_TOO_LARGE',
      kind: 'invalid',
    });
    await expect(splitMessage(inPieces(Buffer.from('A: 1\nB: 1\nC: 1\nD: 1\n\n')), limits)).rejects.toMatchObject({
      code: 'ERR_MAIL_TOO_MANY_FIELDS',
    });
  });
});

describe('applyEdits', () => {
  const header = parse('A: 1\r\nSubject: old\r\nTo: "x" <x@e.example>\r\nA: 2\r\nB: 3\r\n\r\n');

  it('puts a header in the place of the first of its name, else at the end', () => {
    expect(written(applyEdits(header, [{ type: 'setHeader', name: 'a', value: 'new' }]))).toBe(
      'a: new\r\nSubject: old\r\nTo: "x" <x@e.example>\r\nB: 3\r\n\r\n',
    );
    expect(written(applyEdits(header, [{ type: 'setHeader', name: 'Z', value: 'new' }]))).toMatch(
      /B: 3\r\nZ: new\r\n\r\n$/,
    );
    expect(applyEdits(header, [{ type: 'removeHeader', name: 'A' }]).has('a')).toBe(false);
  });

  it('encodes a subject as it must be, and folds it', () => {
    const text = `Über ${'sehr '.repeat(20)}lange Wörter`;
    const edited = applyEdits(header, [{ type: 'setSubject', text }]);
    expect(edited.get('Subject')).toEqual([text]);
    const lines = written(edited).split('\r\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78);

    expect(written(edited)).toMatch(/^[\x00-\x7f]*$/);
  });

  it('puts one subject in the place of all lines of it, however they are written', () => {
    const many = parse('SUBJECT : one\r\nA: 1\r\nsubject: two\r\nSubject: three\r\n\r\n');
    expect(written(applyEdits(many, [{ type: 'setSubject', text: '[x] one' }]))).toBe(
      'Subject: [x] one\r\nA: 1\r\n\r\n',
    );
  });

  it('encodes the names of mailboxes one by one', () => {
    const edited = applyEdits(header, [
      { type: 'setHeader', name: 'Reply-To', value: '"Jürgen, K." <j@e.example>, b@e.example' },
    ]);
    expect(written(edited)).toContain('Reply-To: =?utf-8?B?SsO8cmdlbiwgSy4=?= <j@e.example>, b@e.example\r\n');
  });

  it('adds an address once, keeping what stands there', () => {
    const add = (address: string) => ({ type: 'addAddress' as const, field: 'to' as const, address });
    const edited = applyEdits(header, [add('New@e.example'), add('new@e.example'), add('X@E.example')]);
    expect(written(edited)).toContain('To: "x" <x@e.example>,\r\n new@e.example\r\nA: 2');
    expect(written(applyEdits(parse('X: y\r\n\r\n'), [add('a@e.example')]))).toBe('X: y\r\nTo: a@e.example\r\n\r\n');
    expect(written(applyEdits(parse('To: \r\nX: y\r\n\r\n'), [add('a@e.example')]))).toBe(
      'To: a@e.example\r\nX: y\r\n\r\n',
    );
    expect(() => applyEdits(header, [add('not an address\r\nBcc: x@y')])).toThrow(
      expect.objectContaining({ code: 'ERR_FIELD_ADDRESS_INVALID' }),
    );
  });

  it.each(['', 'a b', 'X:', 'X\r\nBcc', 'Ü', 'x'.repeat(80)])('refuses the name %j', (name) => {
    expect(() => applyEdits(header, [{ type: 'setHeader', name, value: 'v' }])).toThrow(
      expect.objectContaining({ code: 'ERR_FIELD_NAME_INVALID' }),
    );
  });
});

describe('entityHeader', () => {
  it('guarantees that Content-* lines go inside byte for byte and all others stay outside in order', () => {
    const { inner, outer } = entityHeader(
      parse(
        'Received: x\r\nContent-type:\ttext/html;\r\n\tcharset=x\r\nSubject: s\r\nCONTENT-ID: <1>\nMIME-version: 1.0 (x)\r\n\r\n',
      ),
    );
    expect(written(inner)).toBe('Content-type:\ttext/html;\r\n\tcharset=x\r\nCONTENT-ID: <1>\n\r\n');
    expect(written(outer)).toBe('Received: x\r\nSubject: s\r\nMIME-version: 1.0 (x)\r\n\r\n');
  });

  it.each([
    ['text among the fields', 'Subject: s\r\nsecret text\r\nTo: a\r\n\r\n'],
    ['text at the top', 'secret text\r\nTo: a\r\n\r\n'],
    ['text that continues nothing', ' secret text\r\nTo: a\r\n\r\n'],
    ['text behind the last field', 'To: a\r\nsecret text'],
    ['a name that is none', 'To: a\r\nS\xe9cret: text\r\n\r\n'],
    ['text like a mailbox separator', 'From the secret text\r\nTo: a\r\n\r\n'],
    ['a mailbox separator that goes on', 'From a@x.example\r\n secret text\r\nTo: a\r\n\r\n'],
    ['a mailbox separator among the fields', 'To: a\r\nFrom a@x.example Tue Nov 24 11:00:00 2026\r\n\r\n'],
  ])('refuses %s', (_name, text) => {
    const header = HeaderBlock.parse(Buffer.from(text, 'latin1'));
    expect(() => entityHeader(header)).toThrow(expect.objectContaining({ code: 'ERR_MAIL_STRAY_LINES' }));
  });

  it.each([
    'From a@x.example Tue Nov 24 11:00:00 2026',
    '>From a@x.example  Sat Jan  9 15:26 EST 2002',
    'From MAILER-DAEMON',
  ])('leaves out the mailbox separator %j', (line) => {
    expect(written(entityHeader(parse(`${line}\r\nTo: a\r\n\r\n`)).outer)).toBe('To: a\r\nMIME-Version: 1.0\r\n\r\n');
  });

  it('says text/plain where nothing is said, and MIME-Version once', () => {
    const { inner, outer } = entityHeader(parse('Subject: s\r\nContent-Language: en\r\n\r\n'));
    expect(written(inner)).toBe('Content-Language: en\r\nContent-Type: text/plain\r\n\r\n');
    expect(written(outer)).toBe('Subject: s\r\nMIME-Version: 1.0\r\n\r\n');
  });
});
