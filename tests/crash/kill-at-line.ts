import { open } from 'node:fs/promises'

/**
 * Loaded into an engine before it starts: ends it, without any warning, as soon as the line of the audit log with the
 * number CRASH_AT_LINE is on disk. Nothing in the product knows of this.
 */
const wanted = `"seq":${process.env.CRASH_AT_LINE},`
const handle = await open('/dev/null')
const files = Object.getPrototypeOf(handle) as { write(...given: unknown[]): unknown; sync(): Promise<void> }
await handle.close()
const { write, sync } = files
let written = false
files.write = function (...given) {
  const [bytes] = given
  if (Buffer.isBuffer(bytes) && bytes[0] === 0x7b && bytes.includes(wanted)) written = true
  return write.apply(this, given)
}
files.sync = async function () {
  await sync.apply(this)
  if (written) process.kill(process.pid, 'SIGKILL')
}
