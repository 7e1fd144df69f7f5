import { build, isBuilt } from './build.mjs';
import { withCheckoutLock } from './checkout-lock.mjs';
import { install, isInstalled } from './install.mjs';

/** Installs and builds what is missing or stale; does nothing, and writes nothing, where nothing is. */
export async function prepare({ needsBuild = true } = {}) {
  const isReady = () => isInstalled() && (!needsBuild || isBuilt());
  if (isReady()) return;
  await withCheckoutLock(async (onChild) => {
    if (!isInstalled()) await install(onChild);
    if (needsBuild && !isBuilt()) await build(onChild);
  });
}
