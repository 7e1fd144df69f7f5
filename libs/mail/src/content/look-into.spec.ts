import { createHash, randomFillSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { makeTar, makeZip, type ZipEntry } from '../../../../test/support/make-zip.js';
import { inPieces } from '../../../../test/support/streams.js';
import { parseMail } from '../parse-mail.js';
import { defaultMailLimits, EVERYTHING, type Attachment, type MailLimits, type MailWants } from '../parsed-mail.js';

const EXE = Buffer.concat([Buffer.from('MZ\x90\x00\x03', 'latin1'), Buffer.alloc(200)]);
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The attachment of a message that has one file, which came in pieces. */
async function attach(
  name: string,
  content: Uint8Array | string,
  limits: Partial<MailLimits> = {},
  wants: MailWants = EVERYTHING,
  type = 'application/octet-stream',
): Promise<Attachment> {
  const body = Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\r\n');
  const header = [`Content-Type: ${type}`, `Content-Disposition: attachment; filename="${name}"`];
  const raw = Buffer.from(`${header.join('\r\n')}\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}\r\n`);
  const mail = await parseMail(inPieces(raw, 10_000), { ...defaultMailLimits, ...limits }, wants);
  return mail.attachments[0] as Attachment;
}

/** What was found, as words. */
async function found(name: string, content: Uint8Array | string, limits: Partial<MailLimits> = {}): Promise<string> {
  const { contents } = await attach(name, content, limits);
  const said = { executable: contents?.isExecutable, protected: contents?.isPasswordProtected };
  const all = { ...said, unscannable: contents?.isUnscannable, limit: contents?.limitExceeded };
  return Object.entries(all)
    .flatMap(([word, is]) => (is === true ? [word] : []))
    .join(' ');
}

/** A compound file of one stream. */
function compoundFile(name: string, stream: Buffer): Buffer {
  const file = Buffer.alloc(512 * 4);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(file);
  file.writeUInt16LE(9, 30);
  file.write(name, 1_024, 'utf16le');
  file.writeUInt16LE(name.length * 2 + 2, 1_024 + 64);
  file.writeUInt8(2, 1_024 + 66);
  file.writeUInt32LE(2, 1_024 + 116);
  file.writeUInt32LE(4_096, 1_024 + 120);
  stream.copy(file, 512 * 3);
  return file;
}

const word = (flags: number): Buffer =>
  Buffer.from(`eca5c10000000000000000${flags.toString(16).padStart(2, '0')}`, 'hex');

describe('what is found in an attachment', () => {
  const encrypted: ZipEntry = { name: 'a.txt', content: 'x', isEncrypted: true };
  const rar5 = (extra: string): Buffer => {
    const name = Buffer.from('dir/evil.exe');
    // File header: type, flags, size of the extra area, flags, size, attributes, method, system, name.
    const body = Buffer.concat([
      Buffer.from([2, extra === '' ? 0 : 1, ...(extra === '' ? [] : [extra.length / 2]), 0, 5, 32, 0, 0, name.length]),
      name,
      Buffer.from(extra, 'hex'),
    ]);
    return Buffer.concat([Buffer.from('Rar!\x1a\x07\x01\x00\0\0\0\0', 'latin1'), Buffer.from([body.length]), body]);
  };

  it.each<[string, string, Uint8Array | string, string]>([
    ['a program', 'a.jpg', EXE, 'executable'],
    ['a program of Linux', 'a', Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), 'executable'],
    ['a program by its name', 'Run.COM', 'no magic', 'executable'],
    ['a program by a name in the other direction', 'harbour\u202efdp.scr', 'no magic', 'executable'],
    ['the test file of EICAR', 'eicar.txt', 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD', 'executable'],
    ['a script', 'a.js', 'alert(1)', ''],
    ['a picture', 'a.png', PNG, ''],
    ['a text', 'a.txt', 'Grüße', ''],
    ['nothing', 'a.bin', '', ''],
    ['what has no known type', 'a.bin', Buffer.from('0001020304050607', 'hex'), 'unscannable'],
    ['an archive', 'a.zip', makeZip([{ name: 'a.txt', content: 'x' }, { name: 'dir/' }]), ''],
    ['an empty archive', 'a.zip', makeZip([]), ''],
    ['a program in an archive', 'a.zip', makeZip([{ name: 'readme.txt', content: EXE }]), 'executable'],
    ['one that is stored', 'a.zip', makeZip([{ name: 'readme.txt', content: EXE, method: 0 }]), 'executable'],
    ['a program by its name in an archive', 'a.zip', makeZip([{ name: 'x/run.pif', content: 'x' }]), 'executable'],
    [
      'one in an archive in an archive',
      'a.zip',
      makeZip([{ name: 'b.zip', content: makeZip([{ name: 'c', content: EXE }]) }]),
      'executable',
    ],
    ['one in tar', 'a.tar', makeTar({ 'a.txt': 'x', 'b/c.txt': 'MZ and more' }), 'executable'],
    ['one in tar in gzip', 'a.tgz', gzipSync(makeTar({ 'b.exe': 'x' })), 'executable'],
    ['one in gzip', 'a.gz', gzipSync(EXE), 'executable'],
    [
      'one in a document',
      'a.docx',
      makeZip([{ name: '[Content_Types].xml' }, { name: 'word/embeddings/o.bin', content: EXE }]),
      'executable',
    ],
    ['one in RAR, by its name', 'a.rar', rar5(''), 'executable unscannable'],
    ['an encrypted file in RAR', 'a.rar', rar5('0201'), 'executable protected unscannable'],
    ['an encrypted file in an archive', 'a.zip', makeZip([{ name: 'b.txt' }, encrypted]), 'protected unscannable'],
    ['a file that is packed otherwise', 'a.zip', makeZip([{ name: 'b.txt', content: 'x', method: 14 }]), 'unscannable'],
    [
      'a type that is not known in an archive',
      'a.zip',
      makeZip([{ name: 'b', content: Buffer.from([0, 1, 2, 3]) }]),
      'unscannable',
    ],
    [
      'an archive that is cut short',
      'a.zip',
      makeZip([{ name: 'a.txt', content: 'x' }]).subarray(0, -30),
      'unscannable',
    ],
    ['no archive in spite of its name', 'a.zip', 'x', 'unscannable'],
    ['more files than it says', 'a.zip', makeZip([{ name: 'a.txt' }, { name: 'b.exe' }], 1), 'unscannable'],
    ['gzip that is cut short', 'a.gz', gzipSync('x'.repeat(100)).subarray(0, -12), 'unscannable'],
    ['7z', 'a.7z', Buffer.concat([Buffer.from('377abcaf271c0004', 'hex'), Buffer.alloc(30)]), 'unscannable'],
    ['another archive', 'a.bz2', 'BZh91AY', 'unscannable'],
    ['what PGP encrypted', 'a.asc', '-----BEGIN PGP MESSAGE-----\r\n\r\nabc', 'unscannable'],
    ['an encrypted document', 'a.docx', compoundFile('EncryptedPackage', Buffer.alloc(0)), 'protected unscannable'],
    [
      'one that is spelled otherwise',
      'a.docx',
      compoundFile('ENCRYPTEDPACKAGE', Buffer.alloc(0)),
      'protected unscannable',
    ],
    ['an encrypted document of Word 97', 'a.doc', compoundFile('WordDocument', word(1)), 'protected unscannable'],
    ['a document of Word 97', 'a.doc', compoundFile('WordDocument', word(0)), ''],
    [
      'an encrypted sheet of Excel 97',
      'a.xls',
      compoundFile('Workbook', Buffer.from('09080400000000002f0002000000', 'hex')),
      'protected unscannable',
    ],
    ['a sheet of Excel 97', 'a.xls', compoundFile('Workbook', Buffer.from('0908040000000000420002000000', 'hex')), ''],
    [
      'an encrypted document of ODF',
      'a.odt',
      makeZip([{ name: 'META-INF/manifest.xml', content: '<manifest:encryption-data/>' }]),
      'protected unscannable',
    ],
    ['a PDF', 'a.pdf', '%PDF-1.7\n(/Encrypt is a word) 1 0 R', ''],
    ['an encrypted PDF', 'a.pdf', '%PDF-1.7\ntrailer <</Root 1 0 R /Encrypt 12 0 R>>', 'protected unscannable'],
    ['one whose name is escaped', 'a.pdf', '%PDF-1.7\ntrailer <</#45ncr#79pt<</V 4>>>>', 'protected unscannable'],
  ])('%s', async (_what, name, content, expected) => {
    expect(await found(name, content)).toBe(expected);
  });

  it('is nothing unknown for a signature that stands beside what it signs', async () => {
    const { contents } = await attach(
      'smime.p7s',
      Buffer.from('3080060926', 'hex'),
      {},
      EVERYTHING,
      'application/pkcs7-signature',
    );
    expect(contents).toMatchObject({ isUnscannable: false });
  });

  it('has the names, extensions and types of files in archives, and not those of parts of documents', async () => {
    const inner = makeZip([{ name: 'c/Deep.PDF', content: '%PDF-1.7' }]);
    const zip = makeZip([
      { name: 'x/a.txt', content: 'x' },
      { name: 'b.zip', content: inner },
      { name: '..\\p.png', content: PNG },
    ]);
    expect((await attach('a.zip', zip)).contents).toMatchObject({
      memberNames: ['a.txt', 'b.zip', 'p.png', 'Deep.PDF'],
      memberExtensions: ['txt', 'zip', 'png', 'pdf'],
      memberTypes: ['application/zip', 'application/pdf', 'image/png'],
    });
    const parts = makeZip([{ name: '[Content_Types].xml' }, { name: 'word/document.xml', content: '<x/>' }]);
    expect((await attach('a.docx', parts)).contents).toMatchObject({ memberNames: [] });
    expect((await attach('a.zip', parts)).contents).toMatchObject({
      memberNames: ['[Content_Types].xml', 'document.xml'],
    });
  });

  it('has both names of a file that an archive calls by two', async () => {
    const zip = makeZip([{ name: 'invoice.pdf', localName: 'invoice.exe', content: 'x' }]);
    expect((await attach('a.zip', zip)).contents).toMatchObject({
      isExecutable: true,
      memberNames: ['invoice.pdf', 'invoice.exe'],
    });
  });

  it('has the hash of the attachment, and of each file in it that was read', async () => {
    const zip = makeZip([
      { name: 'a.exe', content: EXE },
      { name: 'b.txt', content: 'secret' },
    ]);
    expect((await attach('a.zip', zip)).hashes).toEqual([zip, EXE, Buffer.from('secret')].map(sha256));
    expect((await attach('a.txt', 'secret')).hashes).toEqual([sha256(Buffer.from('secret'))]);
  });

  it('is not looked for where nobody wants it', async () => {
    const zip = makeZip([{ name: 'a.exe', content: EXE }]);
    const nothing = { contents: false, hashes: false, links: false };
    expect(await attach('a.zip', zip, {}, nothing)).toMatchObject({
      type: 'application/zip',
      contents: null,
      hashes: [],
    });
    expect((await attach('a.zip', zip, {}, { ...nothing, contents: true })).hashes).toEqual([]);
  });
});

describe('limits of looking into attachments', () => {
  const nest = (levels: number): Buffer =>
    levels === 0
      ? Buffer.from('x')
      : makeZip([{ name: `${levels}.${levels === 1 ? 'txt' : 'zip'}`, content: nest(levels - 1) }]);

  it('are told of archives that are nested too deep, and not of those that are not', async () => {
    expect(await found('a.zip', nest(6))).toBe('');
    expect(await found('a.zip', nest(7))).toBe('limit');
    expect(await found('a.zip', nest(100))).toBe('limit');
  });

  it('are told of too many files', async () => {
    const many = Array.from({ length: 100_000 }, (_, n) => ({ name: `${n}`, method: 0 }));
    const { contents } = await attach('a.zip', makeZip(many.slice(0, 60_000)));
    expect(contents).toMatchObject({ limitExceeded: true });
    expect(contents?.memberNames).toHaveLength(10_000);
    expect(await found('a.tar', makeTar({ a: 'x', b: 'y', c: 'z' }), { membersMax: 2 })).toBe('limit');
  });

  it('are told of what becomes too large, whatever size it says', async () => {
    const inner = makeZip([{ name: 'zeros', content: Buffer.alloc(5_000_000), method: 0 }]);
    const bomb = makeZip([{ name: 'b.zip', content: inner, sizeBytes: 10 }]);
    expect(bomb.length).toBeLessThan(20_000);
    expect(await found('a.zip', bomb, { inflatedSizeBytesMax: 1_000_000 })).toBe('limit');
    expect(await found('a.zip', bomb, { heldSizeBytesMax: 1_000_000 })).toBe('limit');
    expect(await found('a.gz', gzipSync('x'.repeat(2_000_000)), { inflatedSizeBytesMax: 1_000_000 })).toBe('limit');
  });

  it('hold what lies in ten thousand small bombs', async () => {
    const bombs = Array.from({ length: 10_000 }, (_, n) => ({ name: `${n}.txt`, content: '' }));
    const packed = makeZip([{ name: 'x', content: Buffer.alloc(4_000_000, 97) }]);
    const zip = makeZip([...bombs, { name: 'z.zip', content: packed }]);
    expect(await found('a.zip', zip, { inflatedSizeBytesMax: 1_000 })).toBe('limit');
  });

  it('are told of archives that are too large to be held, and of no other file', async () => {
    const noise = randomFillSync(Buffer.alloc(300_000));
    const zip = makeZip([{ name: 'noise', content: noise, method: 0 }]);
    expect(await found('a.zip', zip, { heldSizeBytesMax: 200_000 })).toBe('limit');
    expect(await found('a.txt', 'x'.repeat(300_000), { heldSizeBytesMax: 200_000 })).toBe('');
    expect(await found('a.gif', Buffer.concat([Buffer.from('GIF89a'), noise]), { heldSizeBytesMax: 100 })).toBe('');
  });
});
