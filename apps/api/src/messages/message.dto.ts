import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { RuleOutcomeDto } from '../rules/evaluate.dto.js';

export const MESSAGE_STATUSES = [
  'accepted',
  'processing',
  'held',
  'quarantined',
  'awaitingApproval',
  'delivering',
  'delivered',
  'partiallyDelivered',
  'rejected',
  'deleted',
  'failed',
] as const;

export const RECIPIENT_STATES = [
  'pending',
  'deferred',
  'held',
  'quarantined',
  'awaitingApproval',
  'delivered',
  'bounced',
  'rejected',
  'deleted',
  'redirected',
] as const;
const PROTECTIONS = ['none', 'tls', 'smime', 'openpgp', 'portal', 'pdf'];
const SOURCES = ['smtp', 'rest', 'webhook', 'system'];

export class AcceptedDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;
}

class MessageBaseDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: MESSAGE_STATUSES, description: 'Follows from the states of the recipients.' })
  status!: string;

  @ApiProperty({ enum: ['mail', 'notice'], description: '`notice`: a DSN or notice of ours.' })
  kind!: string;

  @ApiProperty({ description: 'Envelope sender; empty for the null sender.' })
  mailFrom!: string;

  @ApiProperty({ type: 'integer' })
  sizeBytes!: number;

  @ApiProperty({ format: 'date-time' })
  receivedAt!: string;

  @ApiProperty({ enum: SOURCES })
  source!: string;

  @ApiProperty({ description: 'Hash of the rule set that it is judged by.' })
  ruleSet!: string;
}

class MessageListRecipientDto {
  @ApiProperty()
  address!: string;

  @ApiProperty({ enum: RECIPIENT_STATES })
  state!: string;

  @ApiProperty({ type: 'string', nullable: true, description: 'Why it is held.' })
  code!: string | null;
}

export class MessageListItemDto extends MessageBaseDto {
  @ApiProperty({ type: 'integer' })
  recipientCount!: number;

  @ApiProperty({ type: () => [MessageListRecipientDto], description: 'The first hundred; the message has them all.' })
  recipients!: MessageListRecipientDto[];
}

export class MessageListDto {
  @ApiProperty({ type: () => [MessageListItemDto] })
  items!: MessageListItemDto[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor!: string | null;
}

class DeliveryDto {
  @ApiProperty({ type: 'integer' })
  attempts!: number;

  @ApiProperty({ type: 'string', nullable: true, description: 'What the relay said last.' })
  lastReply!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  at!: string | null;
}

class MessageRecipientDto {
  @ApiProperty()
  address!: string;

  @ApiProperty({ enum: ['envelope', 'added'], description: '`added`: by a rule.' })
  origin!: string;

  @ApiProperty({ enum: RECIPIENT_STATES })
  state!: string;

  @ApiProperty({ type: 'string', enum: PROTECTIONS, nullable: true, description: '`null` until it is judged.' })
  protection!: string | null;

  @ApiProperty({ type: [String], description: 'Ids of the rules that matched and were enforced.' })
  rules!: string[];

  @ApiProperty({ type: 'string', nullable: true, description: 'Why it is held.' })
  code!: string | null;

  @ApiProperty({ type: () => DeliveryDto, nullable: true })
  delivery!: DeliveryDto | null;
}

class MessageEventDto {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ description: 'docs/events.md has them all.' })
  type!: string;

  @ApiProperty({ type: 'object', additionalProperties: true })
  detail!: object;
}

export class MessageDto extends MessageBaseDto {
  @ApiPropertyOptional({ type: 'string', nullable: true, description: 'Only for keys with `messages:content`.' })
  subject?: string | null;

  @ApiProperty({ description: 'Its content was destroyed when its time was over; the record stays.' })
  isContentDestroyed!: boolean;

  @ApiProperty({ type: () => [MessageRecipientDto] })
  recipients!: MessageRecipientDto[];

  @ApiProperty({
    type: () => [RuleOutcomeDto],
    description:
      'Rules that matched or failed. `evidence` quotes the message, so it is empty unless the key has `messages:content`.',
  })
  rules!: RuleOutcomeDto[];

  @ApiProperty({ type: () => [MessageEventDto] })
  events!: MessageEventDto[];
}

export class ActedDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: [String], description: 'The recipients that it was done to.' })
  recipients!: string[];
}
