import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, isMap, isSeq, parseDocument } from 'yaml'

/** Copies a workspace's runbooks to a folder, where no command of a step and no check may take longer than `timeout`. */
export function hurriedWorkspace(workspace: string, timeout: string, folder: string): string {
  const runbooks = join(folder, 'runbooks')
  cpSync(join(workspace, 'runbooks'), runbooks, { recursive: true })
  for (const name of readdirSync(runbooks).filter((name) => name.endsWith('.yaml') && name !== 'inventory.yaml')) {
    const document = parseDocument(readFileSync(join(runbooks, name), 'utf8'))
    for (const part of ['steps', 'verify']) hurry(document, part, timeout)
    writeFileSync(join(runbooks, name), document.toString({ lineWidth: 0 }))
  }
  return folder
}

function hurry(document: Document, part: string, timeout: string): void {
  const steps = document.get(part)
  if (isSeq(steps)) for (const step of steps.items) if (isMap(step)) step.set('timeout', timeout)
}
