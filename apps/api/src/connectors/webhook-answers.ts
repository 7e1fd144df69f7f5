import { applyDecorators } from '@nestjs/common';
import type { Provider, ProviderRefusal } from '#lib/adapters';
import { AcceptedDto } from '../messages/message.dto.js';
import { acceptedExample } from '../messages/message-examples.js';
import { Answers } from '../openapi/answers.js';

/** What each provider is answered when the message is ours. */
export function AnswersWebhooks(providers: Iterable<Provider>): MethodDecorator {
  const byStatus = Map.groupBy(providers, ({ answers }) => answers.accepted);
  const answers = [...byStatus].map(([status, of]) =>
    Answers(status, AcceptedDto, {
      description: `It is ours (${of.map(({ name }) => `\`${name}\``).join(', ')}).`,
      example: acceptedExample,
    }),
  );
  return applyDecorators(...answers);
}

/** Every refusal with every status that a provider wants for it. */
export function webhookRefusals(
  providers: Iterable<Provider>,
): readonly (readonly [code: ProviderRefusal, status: number])[] {
  return [...providers].flatMap(({ answers }) => Object.entries(answers.refused) as [ProviderRefusal, number][]);
}
