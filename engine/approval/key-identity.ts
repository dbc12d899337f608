import { createHash } from 'node:crypto'
import { own } from '../base/own.ts'

/** The fields of each public key type that ssh-keygen signs with, in order, without the type. */
const KEYS: Record<string, ('string' | 'mpint')[]> = {
  'ssh-ed25519': ['string'],
  'ssh-rsa': ['mpint', 'mpint'],
  'ssh-dss': ['mpint', 'mpint', 'mpint', 'mpint'],
  'ecdsa-sha2-nistp256': ['string', 'string'],
  'ecdsa-sha2-nistp384': ['string', 'string'],
  'ecdsa-sha2-nistp521': ['string', 'string'],
  'sk-ssh-ed25519@openssh.com': ['string', 'string'],
  'sk-ecdsa-sha2-nistp256@openssh.com': ['string', 'string', 'string'],
}

/** The names of RSA signature algorithms, which ssh-keygen accepts as key types too. */
const RSA = /^rsa-sha2-(256|512)(?=$|-cert-)/

const CERTIFICATE = /^([a-z0-9-]+)-cert-v01@openssh\.com$/

/**
 * Returns ssh-keygen's fingerprint of the key in a blob, whatever form its numbers are written in; for a certificate, that of
 * the key inside. Undefined if the type is unknown or a field is missing.
 */
export function fingerprintOf(blob: Uint8Array): string | undefined {
  const read = readKey(Buffer.from(blob))
  if (read === undefined || (!read.certified && read.next !== blob.length)) return undefined
  return sha256(Buffer.concat(read.fields.flatMap((field) => [lengthOf(field), field])))
}

/** Returns the principals that a certificate names; none if the blob is a plain key. */
export function certifiedPrincipals(blob: Uint8Array): string[] {
  const bytes = Buffer.from(blob)
  const read = readKey(bytes)
  if (!read?.certified) return []
  // The certificate's serial number and type come before the key's name and the list.
  const id = fieldAt(bytes, read.next + 12)
  const list = id && fieldAt(bytes, id.next)
  const names: string[] = []
  for (let name = list && fieldAt(list.value, 0); list && name; name = fieldAt(list.value, name.next))
    names.push(name.value.toString('utf8'))
  return names
}

/** Reads the fields of the key in a blob as a plain key has them, type first, and where they end. */
function readKey(bytes: Buffer): { fields: Buffer[]; next: number; certified: boolean } | undefined {
  const type = fieldAt(bytes, 0)
  if (type === undefined) return undefined
  const named = type.value.toString('latin1').replace(RSA, 'ssh-rsa')
  const certified = CERTIFICATE.exec(named)?.[1]
  const plain = certified === undefined ? named : plainTypeOf(certified)
  const kinds = own(KEYS, plain)
  // A certificate has a nonce between its type and the key.
  let next = certified === undefined ? type.next : fieldAt(bytes, type.next)?.next
  if (kinds === undefined || next === undefined) return undefined
  const fields: Buffer[] = [Buffer.from(plain, 'latin1')]
  for (const kind of kinds) {
    const field = fieldAt(bytes, next)
    if (field === undefined) return undefined
    fields.push(kind === 'mpint' ? shortest(field.value) : field.value)
    next = field.next
  }
  return { fields, next, certified: certified !== undefined }
}

/** Returns the fingerprint of a blob as it is, even of a certificate: earlier versions logged that. */
export const fingerprintAsWritten = (blob: Uint8Array): string => sha256(blob)

/** Reads a field of SSH's wire format: four bytes that give its length, then its value. */
export function fieldAt(bytes: Buffer, at: number): { value: Buffer; next: number } | undefined {
  if (at + 4 > bytes.length) return undefined
  const next = at + 4 + bytes.readUInt32BE(at)
  return next > bytes.length ? undefined : { value: bytes.subarray(at + 4, next), next }
}

const plainTypeOf = (certified: string): string =>
  certified.startsWith('sk-') ? `${certified}@openssh.com` : certified

const sha256 = (bytes: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(bytes).digest('base64').replaceAll('=', '')}`

/** Removes leading zeros, except the one that keeps a number positive. */
function shortest(number: Buffer): Buffer {
  const start = number.findIndex((byte) => byte !== 0)
  if (start < 0) return Buffer.alloc(0)
  const digits = number.subarray(start)
  return (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits
}

function lengthOf({ length }: Buffer): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}
