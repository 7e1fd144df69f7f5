import { SAMPLES } from './cast.js';
import { canonical, entityOf, fieldsOnTop, firstText, readSample } from './original.js';

describe('what the demo compares with', () => {
  const plain = Buffer.from('From: a@b.example\r\nSubject: x\r\n\r\nHello there, how are you?');

  it('is the Content-* fields and the body, text/plain where there is no type', () => {
    expect(entityOf(plain).toString()).toBe('Content-Type: text/plain\r\n\r\nHello there, how are you?');
    const typed = Buffer.from('Content-Type: text/html;\r\n charset=utf-8\r\nTo: c\r\ncontent-language: en\r\n\r\n<p>');
    expect(entityOf(typed).toString()).toBe(
      'Content-Type: text/html;\r\n charset=utf-8\r\ncontent-language: en\r\n\r\n<p>',
    );
  });

  it('takes a copy for the original only with our own fields on top', () => {
    const top = 'Received: by x\r\n id 1\r\nX-Sealflow-Id: 1\r\nX-Sealflow-Loop: y\r\n';
    const arrived = (text: string): Buffer => Buffer.from(text);
    expect(fieldsOnTop(arrived(`${top}${plain.toString()}\r\n`), plain)).toEqual([
      'Received',
      'X-Sealflow-Id',
      'X-Sealflow-Loop',
    ]);
    expect(fieldsOnTop(arrived(`${top}${plain.toString().replace('Hello', 'Hullo')}\r\n`), plain)).toBeUndefined();
    expect(fieldsOnTop(arrived(`Subject: y\r\n${plain.toString()}\r\n`), plain)).toBeUndefined();
    expect(fieldsOnTop(arrived(plain.toString()), plain)).toBeUndefined();
  });

  it.each(Object.values(SAMPLES))('shows a sentence of $file', (sample) => {
    const text = firstText(entityOf(canonical(readSample(sample))));
    expect(text).toMatch(/^\S+( \S+){3}/);
    expect(text.length).toBeLessThanOrEqual(100);
  });
});
