/** The oldest Node.js that our dependencies support. Like "engines" in package.json. */
const OLDEST = [22, 15] as const;

/**
 * Undefined if this Node.js will do, else a sentence that says what to do. npm brings Node.js 24 as an optional
 * dependency; an install without optional dependencies, or on a rare platform, leaves the machine's own in charge.
 */
export function whyNodeIsTooOld(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return (
    `Rundum needs Node.js ${OLDEST.join('.')} or newer and this is ${version}: npm did not install the Node.js 24 that ` +
    'comes with Rundum (were optional dependencies omitted, or is this a rare platform?). Install it again, or update Node.js.'
  );
}
