import { fieldAt, fingerprintAsWritten, fingerprintOf } from './key-identity.ts'

/** What an SSH signature says of itself: whose key made it, and for what. */
export type SshSignature = { key: PublicKey & { type: string }; namespace: string }

/** A public key: its base64 form, which may be a certificate, and ssh-keygen's fingerprint of the key itself. */
export type PublicKey = { blob: string; fingerprint: string }

const ARMOUR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?$/

/** Reads an armoured signature (SSHSIG, version 1) without judging it; undefined where it isn't one, or not by a known type of key. */
export function readSignature(armoured: string): SshSignature | undefined {
  const body = ARMOUR.exec(armoured.replaceAll('\r\n', '\n'))?.[1]
  if (body === undefined) return undefined
  const bytes = Buffer.from(body, 'base64')
  if (bytes.toString('latin1', 0, 6) !== 'SSHSIG' || bytes.length < 10 || bytes.readUInt32BE(6) !== 1) return undefined
  const key = fieldAt(bytes, 10)
  const namespace = key && fieldAt(bytes, key.next)
  const type = key && fieldAt(key.value, 0)?.value.toString('latin1')
  if (!key || !namespace || !type || !/^[a-z0-9@.-]+$/.test(type)) return undefined
  const fingerprint = fingerprintOf(key.value)
  if (fingerprint === undefined) return undefined
  return { key: { blob: key.value.toString('base64'), fingerprint, type }, namespace: namespace.value.toString('utf8') }
}

/** A public key's line, as in a `.pub` file or in `ssh-add -L`; undefined where it isn't one. */
export function readPublicKey(line: string): (PublicKey & { type: string; comment: string }) | undefined {
  const [type = '', blob = '', ...comment] = line.trim().split(/\s+/)
  if (!/^(ssh|ecdsa|sk)-/.test(type) || !/^[A-Za-z0-9+/]{20,}=*$/.test(blob)) return undefined
  const bytes = Buffer.from(blob, 'base64')
  const fingerprint = fingerprintOf(bytes) ?? fingerprintAsWritten(bytes)
  return { blob: bytes.toString('base64'), fingerprint, type, comment: comment.join(' ') }
}
