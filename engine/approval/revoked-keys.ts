import { readPublicKey } from './ssh-signature.ts'

/** The first bytes of a KRL, OpenSSH's binary list of revoked keys. */
const KRL = 'SSHKRL\n\0'

/** Returns what is wrong with a list of revoked keys, if anything: ssh-keygen would treat an unreadable one as if it revoked every key. */
export function flawOfRevokedKeys(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('latin1')
  if (text.startsWith(KRL)) return undefined
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const wrong = lines.findIndex((line) => line !== '' && !line.startsWith('#') && readPublicKey(line) === undefined)
  return wrong < 0 ? undefined : `line ${wrong + 1} is not a public key`
}
