import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { AuthGuard } from './auth/auth.guard.js';
import { Authenticator } from './auth/authenticator.js';
import { RateLimitGuard } from './auth/rate-limit.guard.js';
import { StartupGuard } from './auth/startup.guard.js';
import { CapabilitiesController } from './certificates/capabilities.controller.js';
import { CertificatesController } from './certificates/certificates.controller.js';
import { ConnectorsController } from './connectors/connectors.controller.js';
import { IngestController } from './connectors/ingest.controller.js';
import { WebhookSlots } from './connectors/webhook-slots.js';
import { ApiMetrics } from './health/api-metrics.js';
import { HealthController } from './health/health.controller.js';
import { HomeController } from './health/home.controller.js';
import { MetricsController } from './health/metrics.controller.js';
import { ReadinessProbe } from './health/readiness.js';
import { DtoPipe } from './http/dto.pipe.js';
import { JsonBodyInterceptor } from './http/json-body.js';
import { IncomingSlots } from './messages/incoming-slots.js';
import { ExplanationController } from './messages/explanation.controller.js';
import { MessageActsController } from './messages/message-acts.controller.js';
import { MessagesController } from './messages/messages.controller.js';
import { SubmitController } from './messages/submit.controller.js';
import { Platform } from './platform.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { ProblemsController } from './problem/problems.controller.js';
import { EvaluateController } from './rules/evaluate.controller.js';
import { RuleHistoryController } from './rules/rule-history.controller.js';
import { RulesController } from './rules/rules.controller.js';

/** The API on a platform. Guards run in this order: is the platform there, whose key is it, does it ask too fast. */
@Module({})
export class ApiModule {
  static on(platform: Platform): DynamicModule {
    return {
      module: ApiModule,
      imports: [DiscoveryModule],
      controllers: [
        HomeController,
        HealthController,
        MetricsController,
        ProblemsController,
        RuleHistoryController,
        EvaluateController,
        RulesController,
        SubmitController,
        MessagesController,
        ExplanationController,
        MessageActsController,
        CertificatesController,
        CapabilitiesController,
        ConnectorsController,
        IngestController,
        ApiKeysController,
      ],
      providers: [
        { provide: Platform, useValue: platform },
        { provide: Authenticator, useFactory: () => new Authenticator(platform) },
        { provide: IncomingSlots, useFactory: () => new IncomingSlots() },
        { provide: WebhookSlots, useFactory: () => new WebhookSlots() },
        { provide: ReadinessProbe, useFactory: () => new ReadinessProbe(platform) },
        ApiMetrics,
        JsonBodyInterceptor,
        { provide: APP_GUARD, useClass: StartupGuard },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
        { provide: APP_PIPE, useClass: DtoPipe },
        { provide: APP_FILTER, useFactory: () => new ProblemFilter(platform.log) },
      ],
    };
  }
}
