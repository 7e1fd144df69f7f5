import { compileRuleSet, type CompiledRule } from '../compile/compile-rule-set.js';
import { engineIncomplete } from '../errors.js';
import { ANN, BOB, recordOf, ruleOf, SETTINGS } from '../fakes/samples.js';
import type { Condition, FactRecord } from '../types.js';
import { Answers } from './answers.js';
import type { Asked } from './asked.js';
import { branchesOf, type Branch } from './branch.js';
import { askEngine, type Question } from './ask-engine.js';
import { Budget } from './budget.js';
import { Looks } from './look.js';
import { People } from './person.js';
import type { Truth } from './truth.js';

type Ask = (questions: readonly Question[]) => Promise<readonly boolean[]>;

function setUp(conditions: readonly Condition[], record: FactRecord, ask: Ask = askEngine) {
  const rules = conditions.map((one, index) => ruleOf({ id: `r${index}`, conditions: one }));
  const compiled = compileRuleSet({ rules, settings: SETTINGS });
  const asked: Question[][] = [];
  const answers = new Answers(compiled, record, new Budget(1, () => 0), async (questions) => {
    asked.push([...questions]);
    return await ask(questions);
  });
  const looks = new Looks();
  const people = new People(record, looks.received, () => -1);
  return { rules: compiled.rules, answers, looks, people: people.all, asked };
}

function truthsOf({ rules, answers }: { rules: readonly CompiledRule[]; answers: Answers }, asked: Asked): Truth[] {
  return rules.map(({ conditions }) => answers.tree(conditions, asked) ?? 'not asked');
}

/** Recipients as a fold would give them, those with one look together. */
function branches({ answers }: { answers: Answers }, ...asked: readonly Asked[]): readonly Branch[] {
  return branchesOf(
    asked.map(({ person, look }) => ({ ...person, look })),
    answers.kinds,
  );
}

const yes: Condition = { fact: 'subject', operator: 'containsWords', value: 'figures' };
const no: Condition = { fact: 'subject', operator: 'containsWords', value: 'words' };
const broken: Condition = { fact: 'body', operator: 'containsWords', value: 'x' };
const ofAnn: Condition = { fact: 'recipient.address', operator: 'equal', value: ANN };

const away = (record: FactRecord): FactRecord => ({
  ...record,
  message: { ...record.message, body: { errorCode: 'ERR_AWAY' } },
});

describe('answers', () => {
  it.each<[string, Condition, Truth]>([
    ['an error', broken, 'ERR_AWAY'],
    ['not an error', { not: broken }, 'ERR_AWAY'],
    ['not not an error', { not: { not: broken } }, 'ERR_AWAY'],
    ['an error and true', { all: [broken, yes] }, 'ERR_AWAY'],
    ['an error and false', { all: [broken, no] }, false],
    ['an error or true', { any: [broken, yes] }, true],
    ['an error or false', { any: [broken, no] }, 'ERR_AWAY'],
    ['not (an error and true)', { not: { all: [broken, yes] } }, 'ERR_AWAY'],
    ['not (an error or true)', { not: { any: [broken, yes] } }, false],
    ['an error or not the same error', { any: [broken, { not: broken }] }, 'ERR_AWAY'],
    ['an error in what is false anyway', { all: [{ any: [broken, { not: broken }] }, { not: yes }] }, false],
  ])('are three-valued: %s', async (_name, condition, expected) => {
    const world = setUp([condition], away(recordOf([ANN])));
    const asked = { look: world.looks.received, person: world.people[0]! };
    await world.answers.prepare(world.rules, branches(world, asked));
    expect(truthsOf(world, asked)).toEqual([expected]);
  });

  it('need one run of the engine, with each distinct question once', async () => {
    const world = setUp([{ any: [yes, no] }, { any: [ofAnn, no] }, no], recordOf([ANN, BOB, 'carl@customer.example']));
    const everyone = world.people.map((person) => ({ look: world.looks.received, person }));
    await world.answers.prepare(world.rules, branches(world, ...everyone));
    expect(world.asked.map((questions) => questions.map(({ holds }) => holds))).toEqual([
      [
        [true, false],
        [true, false],
        [false, false],
      ],
    ]);
    expect(everyone.map((one) => truthsOf(world, one))).toEqual([
      [true, true, false],
      [true, false, false],
      [true, false, false],
    ]);
    await world.answers.prepare(world.rules, branches(world, ...everyone));
    expect(world.asked[1]).toEqual([]);
  });

  it('are asked again only where a changed look changes a leaf', async () => {
    const tagged: Condition = { any: [{ fact: 'header', operator: 'exists', params: { name: 'X-Tag' } }, no] };
    const world = setUp([{ any: [yes] }, tagged], recordOf([ANN]));
    const person = world.people[0]!;
    const received = { look: world.looks.received, person };
    await world.answers.prepare(world.rules, branches(world, received));
    const edits = [{ type: 'setHeader', name: 'x-tag', value: '1' }] as const;
    const changed = { look: world.looks.of({ edits, added: [], removed: [], protection: null }), person };
    expect(truthsOf(world, changed)).toEqual([true, 'not asked']);
    await world.answers.prepare(world.rules, branches(world, changed));
    expect(world.asked.map((questions) => questions.length)).toEqual([2, 1]);
    expect(truthsOf(world, changed)).toEqual([true, true]);
    expect(truthsOf(world, received)).toEqual([true, false]);
  });

  it('are errors where the engine rejects the run', async () => {
    const world = setUp([{ any: [yes] }, no], recordOf([ANN]), () => Promise.reject(new Error('Undefined fact')));
    const asked = { look: world.looks.received, person: world.people[0]! };
    await world.answers.prepare(world.rules, branches(world, asked));
    expect(truthsOf(world, asked)).toEqual(['ERR_ENGINE_FAILED', false]);
  });

  it('are errors where the engine and the tree disagree', async () => {
    const lying: Ask = (questions) => Promise.resolve(questions.map(() => false));
    const world = setUp([{ any: [yes] }, { any: [no] }], recordOf([ANN]), lying);
    const asked = { look: world.looks.received, person: world.people[0]! };
    await world.answers.prepare(world.rules, branches(world, asked));
    expect(truthsOf(world, asked)).toEqual(['ERR_ENGINE_DISAGREES', false]);
  });

  it('guarantee that a missing answer of the engine is never passed over', async () => {
    const losing: Ask = async (questions) => (await askEngine(questions)).slice(1);
    const world = setUp([{ any: [yes] }], recordOf([ANN]), losing);
    const asked = { look: world.looks.received, person: world.people[0]! };
    await world.answers.prepare(world.rules, branches(world, asked));
    expect(truthsOf(world, asked)).toEqual(['ERR_ENGINE_FAILED']);
  });

  it('end with the defect where the engine miscounts', async () => {
    const world = setUp([{ any: [yes] }], recordOf([ANN]), () => Promise.reject(engineIncomplete(1, 0)));
    const asked = { look: world.looks.received, person: world.people[0]! };
    await expect(world.answers.prepare(world.rules, branches(world, asked))).rejects.toMatchObject({
      code: 'ERR_ENGINE_INCOMPLETE',
    });
  });

  it('keep apart headers and people whatever they are called', async () => {
    const header = (name: string): Condition => ({ fact: 'header', operator: 'equal', value: name, params: { name } });
    const names = ['a', 'b', '__proto__', 'constructor', 'x-a', 'X-B'];
    const headers = Object.fromEntries(names.map((name) => [name.toLowerCase(), [name]]));
    const world = setUp(names.map(header), { ...recordOf([ANN]), headers });
    const asked = { look: world.looks.received, person: world.people[0]! };
    await world.answers.prepare(world.rules, branches(world, asked));
    expect(truthsOf(world, asked)).toEqual(names.map(() => true));
    const without = setUp(['constructor', 'toString'].map(header), recordOf([ANN]));
    await without.answers.prepare(without.rules, branches(without, asked));
    expect(truthsOf(without, asked)).toEqual([false, false]);
  });
});
