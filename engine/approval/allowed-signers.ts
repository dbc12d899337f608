/** The principals that an allowed_signers file gives for a public key, as a name for people; ssh-keygen is who decides. */
export function principalsIn(allowedSigners: string, blob: string | undefined): string | undefined {
  if (blob === undefined) return undefined
  const lines = allowedSigners.split(/\r?\n/).map((line) => line.trim())
  const line = lines.find((text) => !text.startsWith('#') && text.split(/\s+/).includes(blob))
  return line === undefined ? undefined : /^"([^"]*)"|^(\S+)/.exec(line)?.slice(1).find(Boolean)
}
