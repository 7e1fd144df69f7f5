import type { DatabasePool } from '../database-pool.js';
import { jsonOf, prepared } from '../statement.js';
import type { ProcessReport, ProcessStore } from '../stores.js';

const LIVING_WITHIN = '15 seconds';

const report = prepared<never, [id: string, app: string, state: string, metrics: string]>(
  'report_process',
  'SELECT report_process($1, $2, $3, $4)',
);
const living = prepared<
  { id: string; app: ProcessReport['app']; state: ProcessReport['state']; metrics: unknown; age_ms: number },
  [within: string]
>('living_processes', 'SELECT * FROM living_processes($1)');
const leave = prepared<never, [id: string]>('leave_process', 'SELECT leave_process($1)');

export class PostgresProcesses implements ProcessStore {
  constructor(private readonly pool: DatabasePool) {}

  async report({ id, app, state, metrics }: Omit<ProcessReport, 'ageMs'>): Promise<void> {
    await this.pool.look(report(id, app, jsonOf(state), jsonOf(metrics ?? null)));
  }

  async living(): Promise<readonly ProcessReport[]> {
    const rows = await this.pool.look(living(LIVING_WITHIN));
    return rows.map(({ age_ms: ageMs, ...process }) => ({ ...process, ageMs }));
  }

  async leave(id: string): Promise<void> {
    await this.pool.look(leave(id));
  }
}
