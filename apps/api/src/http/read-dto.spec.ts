import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsBoolean, IsObject, IsString, Length, ValidateNested } from 'class-validator';
import { IsAddress, IsAddresses, IsBase64Text, IsSender, IsTimestamp, MayBeAbsent } from './constraints.js';
import { readDto } from './read-dto.js';

class Inner {
  @IsBoolean({ message: 'must be true or false' })
  flag!: boolean;
}

class Dto {
  @IsString({ message: 'must be a text' })
  @Length(1, 3, { message: 'must have 1 to 3 characters' })
  name!: string;

  @MayBeAbsent()
  @IsAddress()
  address?: string;

  @MayBeAbsent()
  @IsSender()
  sender?: string;

  @MayBeAbsent()
  @IsAddresses(2)
  addresses?: string[];

  @MayBeAbsent()
  @IsTimestamp()
  at?: Date;

  @MayBeAbsent()
  @IsBase64Text()
  raw?: string;

  @MayBeAbsent()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => Inner)
  inner?: Inner;
}

const pointersOf = async (value: unknown): Promise<string[]> =>
  (await readDto(Dto, value)).problems.map(({ pointer, code }) => `${pointer} ${code}`).toSorted();

describe('readDto', () => {
  it('reads values in the form in which we compare them', async () => {
    const { dto, problems } = await readDto(Dto, {
      name: 'abc',
      address: 'Ann@BÜCHER.example',
      sender: '',
      addresses: ['A@x.example', 'a@X.example'],
      at: '2026-01-02T03:04:05+01:00',
      raw: 'QUJD\r\nRA==',
      inner: { flag: false },
    });
    expect(problems).toEqual([]);
    expect(dto).toMatchObject({ address: 'ann@xn--bcher-kva.example', sender: '', addresses: ['a@x.example'] });
    expect(dto.at?.toISOString()).toBe('2026-01-02T02:04:05.000Z');
  });

  it('names every problem at once, each with its pointer', async () => {
    const wrong = {
      name: 7,
      address: 'x',
      sender: null,
      addresses: ['a@x.example', 7],
      at: 'now',
      raw: '%',
      inner: { flag: 'yes', more: 1 },
      'a/b~c': 1,
    };
    expect(await pointersOf(wrong)).toEqual([
      '/address ERR_VALUE_INVALID',
      '/addresses ERR_VALUE_INVALID',
      '/at ERR_VALUE_INVALID',
      '/a~1b~0c ERR_PROPERTY_UNKNOWN',
      '/inner/flag ERR_VALUE_INVALID',
      '/inner/more ERR_PROPERTY_UNKNOWN',
      '/name ERR_VALUE_INVALID',
      '/raw ERR_VALUE_INVALID',
      '/sender ERR_VALUE_INVALID',
    ]);
    expect(await pointersOf({})).toEqual(['/name ERR_PROPERTY_MISSING']);
    expect(await pointersOf({ name: 'abcd', inner: [] })).toEqual([
      '/inner ERR_VALUE_INVALID',
      '/name ERR_VALUE_INVALID',
    ]);
    expect(await pointersOf({ name: 'a', addresses: ['a@x.example', 'b@x.example', 'c@x.example'] })).toEqual([
      '/addresses ERR_VALUE_INVALID',
    ]);
  });

  it('takes one address for a list of one, as a query has it', async () => {
    expect((await readDto(Dto, { name: 'a', addresses: 'a@x.example' })).dto.addresses).toEqual(['a@x.example']);
    expect(await pointersOf({ name: 'a', addresses: { 0: 'a@x.example' } })).toEqual(['/addresses ERR_VALUE_INVALID']);
  });

  it.each([[null], [[]], ['text'], [7], [undefined]])('refuses %p as a whole', async (value) => {
    expect(await pointersOf(value)).toEqual([' ERR_VALUE_INVALID']);
  });

  it('is not led astray by names that objects have by nature', async () => {
    const value: unknown = JSON.parse('{"name":"a","__proto__":{"name":"b"},"constructor":{},"toString":1}');
    const { dto } = await readDto(Dto, value);
    expect(dto.name).toBe('a');
    expect(dto).toBeInstanceOf(Dto);
  });
});
