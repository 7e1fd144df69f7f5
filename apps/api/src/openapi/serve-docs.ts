import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { APPLICATION_POLICY } from '../http/security-headers.js';
import { openApiDocument } from './document.js';

/** On a phone: without the column of links between operations, of which we have none. */
const STYLE = '@media (max-width: 640px) { .swagger-ui .response-col_links { display: none } }';

/** `/docs` (Swagger UI, all of it from here) and `/openapi.json`, for everybody. */
export function serveDocs(app: NestExpressApplication): void {
  app.use('/docs', (_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Content-Security-Policy', APPLICATION_POLICY);
    next();
  });
  const document = openApiDocument(app);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Sealflow API',
    customCss: STYLE,
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true, validatorUrl: null },
  });
}
