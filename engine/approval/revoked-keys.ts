import { readPublicKey } from './ssh-signature.ts'

/** How a KRL begins, OpenSSH's binary list of revoked keys. */
const KRL = 'SSHKRL\n\0'

/** What is wrong with a list of revoked keys, if anything: one that can't be read would seem to revoke every key. */
export function flawOfRevokedKeys(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('latin1')
  if (text.startsWith(KRL)) return undefined
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const wrong = lines.findIndex((line) => line !== '' && !line.startsWith('#') && readPublicKey(line) === undefined)
  return wrong < 0 ? undefined : `line ${wrong + 1} is not a public key`
}
