import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, IsUUID, Length } from 'class-validator';
import { IsAddress, IsAddresses, IsSender, IsTimestamp, MayBeAbsent } from '../http/constraints.js';
import { PageQueryDto } from '../http/page-query.dto.js';
import { RECIPIENTS_MAX } from '../rules/evaluate.dto.js';
import { MESSAGE_STATUSES, RECIPIENT_STATES } from './message.dto.js';

export class MessageQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    enum: MESSAGE_STATUSES,
    description:
      'Of the whole message: one that is held for one recipient and has left for another is `partiallyDelivered`.',
  })
  @MayBeAbsent()
  @IsIn(MESSAGE_STATUSES, { message: `must be one of ${MESSAGE_STATUSES.join(', ')}` })
  status?: (typeof MESSAGE_STATUSES)[number];

  @ApiPropertyOptional({ description: 'Envelope sender; empty for the null sender.' })
  @MayBeAbsent()
  @IsSender()
  mailFrom?: string;

  @ApiPropertyOptional({ description: 'One of the recipients.' })
  @MayBeAbsent()
  @IsAddress()
  rcptTo?: string;

  @ApiPropertyOptional({
    enum: RECIPIENT_STATES,
    description:
      'What one of the recipients is in: `state=held` lists every message of which a copy is held, also where other copies have left. With `rcptTo`: what that recipient is in.',
  })
  @MayBeAbsent()
  @IsIn(RECIPIENT_STATES, { message: `must be one of ${RECIPIENT_STATES.join(', ')}` })
  state?: (typeof RECIPIENT_STATES)[number];

  @ApiPropertyOptional({ format: 'uuid', description: 'A rule that matched for one of the recipients.' })
  @MayBeAbsent()
  @IsUUID('all', { message: 'must be the id of a rule' })
  rule?: string;

  @ApiPropertyOptional({ type: 'string', format: 'date-time', description: 'Received at this time or later.' })
  @MayBeAbsent()
  @IsTimestamp()
  since?: Date;
}

export class ActDto {
  @ApiPropertyOptional({ type: [String], description: 'Only these; absent: all that the act fits.' })
  @MayBeAbsent()
  @IsAddresses(RECIPIENTS_MAX)
  recipients?: string[];
}

export class ReleaseDto extends ActDto {
  @ApiPropertyOptional({
    description:
      'Sends it in clear, whatever rules ask. Needs the scope `messages:override` and a reason; is an event.',
  })
  @MayBeAbsent()
  @IsBoolean({ message: 'must be true or false' })
  unprotected?: boolean;

  @ApiPropertyOptional({ minLength: 1, maxLength: 500, description: 'Why, with `unprotected`.' })
  @MayBeAbsent()
  @IsString({ message: 'must be a text' })
  @Length(1, 500, { message: 'must have 1 to 500 characters' })
  reason?: string;
}
