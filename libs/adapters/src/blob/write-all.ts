import type { FileHandle } from 'node:fs/promises';

/** Writes all bytes of all buffers at a position; the system may take fewer at once. */
export async function writeAll(file: FileHandle, buffers: readonly Uint8Array[], position: number): Promise<number> {
  const total = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  let { bytesWritten } = await file.writev(buffers, position);
  if (bytesWritten < total) {
    const bytes = Buffer.concat(buffers);
    while (bytesWritten < total) {
      const more = await file.write(bytes, bytesWritten, total - bytesWritten, position + bytesWritten);
      bytesWritten += more.bytesWritten;
    }
  }
  return total;
}
