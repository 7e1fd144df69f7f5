import { Module, type DynamicModule } from '@nestjs/common';
import { ProcessSelf } from '#lib/adapters';
import { systemClock } from '#lib/core';
import type { Kms } from '#lib/flow';
import { JobRunner } from './jobs/job-runner.js';
import type { BuiltWorker } from './start/build-worker.js';
import { markAlive } from './start/mark-alive.js';
import type { WorkerLog } from './start/worker-log.js';
import { WorkerMetrics } from './start/worker-metrics.js';

/** The worker on what was opened for it. */
@Module({})
export class WorkerModule {
  static on(built: BuiltWorker, kms: Kms, concurrency: number, log: WorkerLog): DynamicModule {
    let runner: JobRunner | undefined;
    const metrics = new WorkerMetrics(() => runner?.running ?? 0);
    return {
      module: WorkerModule,
      providers: [
        { provide: WorkerMetrics, useValue: metrics },
        {
          provide: JobRunner,
          useFactory: () => {
            const ports = {
              ...built.portsWith(kms),
              observe: (...given: Parameters<WorkerMetrics['step']>) => metrics.step(...given),
            };
            runner = new JobRunner(ports, {
              concurrency,
              onTrouble: (error) => log.trouble('run', error),
              onRun: (claim, outcome) => {
                metrics.run(claim.queue, outcome);
                log.settled({ messageId: claim.id, queue: claim.queue, ...outcome });
              },
            });
            return runner;
          },
        },
        {
          provide: ProcessSelf,
          useFactory: ({ registry }: WorkerMetrics) =>
            new ProcessSelf({
              id: built.id,
              app: 'worker',
              processes: built.database.processes,
              state: () => ({ relay: built.relay.isConfigured ? 'configured' : 'absent', ...built.relay.facts }),
              metrics: () => registry.getMetricsAsJSON(),
              onReported: () => markAlive(systemClock.now()),
              onTrouble: (error) => log.trouble('process report', error),
            }),
          inject: [WorkerMetrics],
        },
      ],
    };
  }
}
