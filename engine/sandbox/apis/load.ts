import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import write from 'write-file-atomic'
import { type ApiDescription, type IndexedApi, indexApi } from './description.ts'

/** The installed Cloud SDK as a source of descriptions: its folder, version and Python, and the folder of the cache. */
export type SdkSource = { root: string; version: string; python: string; program: string; cache?: string }

/** Describes one version of an API; undefined if the SDK does not have the API. */
export type DescribeApi = (api: string, version: string) => Promise<IndexedApi | undefined>

/** Numbers the form of what the program prints: a cache in another form is not read. */
const FORMAT = 2

/** The timeout for reading an API. */
const LONGEST_MS = 30_000

/** Describes APIs from the installed SDK: with the SDK's own Python at first use, then from the cache. */
export function describerOf(sdk: SdkSource): DescribeApi {
  const known = new Map<string, Promise<IndexedApi | undefined>>()
  return (api, version) => {
    const key = `${api}-${version}`
    if (!/^[a-z0-9-]+$/.test(key)) return Promise.resolve(undefined)
    const found = known.get(key) ?? load(sdk, api, version, key)
    known.set(key, found)
    return found
  }
}

async function load(sdk: SdkSource, api: string, version: string, key: string): Promise<IndexedApi | undefined> {
  const file = sdk.cache && join(sdk.cache, `${sdk.version}-${FORMAT}`, `${key}.json`)
  const kept = file && parsed(await readFile(file, 'utf8').catch(() => ''))
  if (kept) return indexed(kept)
  const text = await read(sdk, api, version)
  const description = parsed(text)
  if (file && description) await keep(file, text)
  return description && indexed(description)
}

type Printed = ApiDescription | { unknown: true }

const indexed = (printed: Printed): IndexedApi | undefined => ('unknown' in printed ? undefined : indexApi(printed))

/** Returns what the program printed; undefined if that is cut off, as a damaged cache may be. */
function parsed(text: string): Printed | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Runs the program that prints an API; returns an empty text if the SDK can't be read. */
async function read({ root, python, program }: SdkSource, api: string, version: string): Promise<string> {
  const { stdout, failed } = await execa(python, ['-S', '-B', program, root, api, version], {
    reject: false,
    timeout: LONGEST_MS,
    extendEnv: false,
    maxBuffer: 100_000_000,
  })
  return failed ? '' : stdout
}

/** Writes to the cache; a failure only costs time. */
async function keep(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await write(file, text, { fsync: false })
  } catch {
    return
  }
}
