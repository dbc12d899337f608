import { fieldAt, fingerprintAsWritten, fingerprintOf } from './key-identity.ts'

/** The claims of an SSH signature: the key that made it, and its namespace. */
export type SshSignature = { key: PublicKey & { type: string }; namespace: string }

/** A public key: its base64 form, which may be a certificate, and ssh-keygen's fingerprint of the key itself. */
export type PublicKey = { blob: string; fingerprint: string }

const ARMOUR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?$/

/** Reads an armored signature (SSHSIG, version 1) without checking it; undefined if it isn't one or its key type is unknown. */
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

/** Reads the line of a public key, as in a `.pub` file or from `ssh-add -L`; undefined if it isn't one. */
export function readPublicKey(line: string): (PublicKey & { type: string; comment: string }) | undefined {
  const [type = '', blob = '', ...comment] = line.trim().split(/\s+/)
  if (!/^(ssh|ecdsa|sk)-/.test(type) || !/^[A-Za-z0-9+/]{20,}=*$/.test(blob)) return undefined
  const bytes = Buffer.from(blob, 'base64')
  const fingerprint = fingerprintOf(bytes) ?? fingerprintAsWritten(bytes)
  return { blob: bytes.toString('base64'), fingerprint, type, comment: comment.join(' ') }
}
