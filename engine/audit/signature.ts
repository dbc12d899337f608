import { createHash } from 'node:crypto'

/** What a checkpoint's signature is for; ssh-keygen refuses it for anything else. */
export const NAMESPACE = 'breakglass-checkpoint'

/** The public key inside an OpenSSH signature (PROTOCOL.sshsig): its type and base64; undefined where it isn't one. */
export function keyInside(signature: string): { type: string; key: string } | undefined {
  const armoured = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)-----END SSH SIGNATURE-----\n*$/.exec(signature)
  const bytes = Buffer.from(armoured?.[1] ?? '', 'base64')
  if (bytes.length < 14 || bytes.toString('latin1', 0, 6) !== 'SSHSIG') return undefined
  const key = lengthPrefixed(bytes, 10)
  const type = key && lengthPrefixed(key, 0)?.toString('latin1')
  return key && type && /^[a-z0-9@.-]+$/.test(type) ? { type, key: key.toString('base64') } : undefined
}

/** A line of OpenSSH's allowed_signers file for the key inside a signature. */
export function signerLine(identity: string, signature: string): string | undefined {
  const inside = keyInside(signature)
  return inside && `${identity} namespaces="${NAMESPACE}" ${inside.type} ${inside.key}`
}

/** A key as ssh-keygen -l shows it, by which people compare keys. */
export const keyFingerprint = (key: string): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replaceAll('=', '')}`

/** A name that can stand in an allowed_signers file: neither a pattern nor a list. */
export const identityOf = (name: string): string => name.replaceAll(/[^A-Za-z0-9@._+-]/g, '-') || 'unknown'

function lengthPrefixed(bytes: Buffer, at: number): Buffer | undefined {
  if (bytes.length < at + 4) return undefined
  const end = at + 4 + bytes.readUInt32BE(at)
  return end > bytes.length ? undefined : bytes.subarray(at + 4, end)
}
