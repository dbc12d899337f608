import { parentPort, workerData } from 'node:worker_threads'
import { gcloudKnowledge } from '../gcloud/command-tree.ts'
import type { Installed } from '../gcloud/find.ts'
import { anyReader } from './read-any.ts'
import { readFiles } from './validate-files.ts'

/** What a thread that reads a share of the files is started with. */
export type ShareGiven = { installed: Installed | undefined; cwd: string }

// The YAML library looks into it at every token, and the real one takes its time each time.
// biome-ignore lint/style/noRestrictedGlobals: a thread has an environment of its own, and nothing here reads it.
process.env = {}
const { installed, cwd } = workerData as ShareGiven
const read = anyReader(gcloudKnowledge(installed))
parentPort?.on('message', (files: string[]) => parentPort?.postMessage(readFiles(files, read, cwd)))
