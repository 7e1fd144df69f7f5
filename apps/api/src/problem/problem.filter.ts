import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ApiLog } from '../http/api-log.js';
import { lingerAfter } from '../http/request-body.js';
import { asAppError, PROBLEM_MEDIA_TYPE, problemOf } from './problem.js';

/** Headers of an answer that was begun and is not given. */
const OF_THE_ANSWER = ['Content-Disposition', 'Content-Length', 'ETag', 'Location', 'Content-Type'];

/** Every error becomes an RFC 9457 answer, or ends a connection whose answer has already begun. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: ApiLog) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const [request, response] = [
      host.switchToHttp().getRequest<Request>(),
      host.switchToHttp().getResponse<Response>(),
    ];
    this.answer(error, request, response);
  }

  answer(error: unknown, request: Request, response: Response): void {
    const { problem, retryAfterSeconds } = problemOf(error);
    this.log.refused(asAppError(error), problem.status, request);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (const name of OF_THE_ANSWER) response.removeHeader(name);
    if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', retryAfterSeconds);
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="Sealflow"');
    lingerAfter(request, response);
    response.status(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
  }
}
