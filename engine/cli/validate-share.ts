import { parentPort, workerData } from 'node:worker_threads'
import { gcloudKnowledge } from '../gcloud/command-tree.ts'
import type { Installed } from '../gcloud/find.ts'
import { anyReader } from './read-any.ts'
import { readFiles } from './validate-files.ts'

/** What a thread that reads a share of the files is started with. */
export type ShareGiven = { installed: Installed | undefined; cwd: string }

const { installed, cwd } = workerData as ShareGiven
const read = anyReader(gcloudKnowledge(installed))
parentPort?.on('message', (files: string[]) => parentPort?.postMessage(readFiles(files, read, cwd)))
