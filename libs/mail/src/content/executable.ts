/**
 * Names of programs that Windows starts, whatever they hold: what Exchange finds executable (COM and PIF have no magic
 * bytes). Scripts, packages of Java and installers are not among them, as with Exchange: ask for their extensions.
 */
const NAME = /\.(?:com|exe|dll|pif|scr|cpl|sys|drv|vxd|ocx)[.\s]*$/i;
const SCRIPT_OF_UNIX = /^#!/;
/** The test file of EICAR, which is a COM program. */
const EICAR = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR';
const MACH_O = ['cffaedfe', 'cefaedfe', 'feedfacf', 'feedface'];

/** Whether a file is a program, by its first bytes or by one of its names. */
export function isExecutable(start: Buffer, names: readonly string[]): boolean {
  return names.some((name) => NAME.test(visible(name))) || isProgram(start);
}

/** MZ (DOS, Windows, OS/2, drivers, libraries), ELF, Mach-O (also of several machines), and EICAR's test file. */
function isProgram(start: Buffer): boolean {
  const text = start.toString('latin1', 0, 64);
  if (SCRIPT_OF_UNIX.test(text)) return false;
  if (text.startsWith('MZ') || text.startsWith('ZM') || text.startsWith('\x7fELF') || text.startsWith(EICAR))
    return true;
  const magic = start.toString('hex', 0, 4);
  // Of several machines it begins like a class of Java, whose version is above 44.
  return MACH_O.includes(magic) || (magic === 'cafebabe' && start.length >= 8 && start.readUInt32BE(4) < 40);
}

/** Characters that nobody sees hide no extension. */
function visible(name: string): string {
  return name.slice(-500).replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]+/gu, '');
}
