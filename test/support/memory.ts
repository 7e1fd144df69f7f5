import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in buffers that something still refers to. */
export function bufferBytes(): number {
  // Buffers are freed beside the first collection; the second waits for that.
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}
