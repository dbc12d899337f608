import { lstatSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../base/problem.ts'
import { describeTrouble } from './fs-errors.ts'
import type { NewFile } from './starter.ts'

/** What became of files that were to be created: paths as they were given. */
export type Created = { created: string[]; kept: string[] }

/** Creates the files that are not there yet; never touches one that is. Throws UserError, before anything is created where something is in the way. */
export async function createFiles(root: string, files: NewFile[]): Promise<Created> {
  for (const { path } of files) refuseObstacle(root, path)
  const done: Created = { created: [], kept: [] }
  for (const { path, text } of files) done[(await create(join(root, path), text)) ? 'created' : 'kept'].push(path)
  return done
}

/** Whether the file was created; one that is there already is left as it is. */
async function create(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true }).catch(refused(file))
  return writeFile(file, text, { flag: 'wx' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? false : refused(file)(error)),
  )
}

const refused =
  (file: string) =>
  (error: Error): never => {
    throw new UserError(
      `${file} can't be created: ${describeTrouble(error)}`,
      'check the folder and its permissions, then run this again',
      1,
    )
  }

function refuseObstacle(root: string, path: string): void {
  const file = join(root, path)
  if (kindOf(file) === 'folder')
    throw new UserError(`${file} is a folder, and a file is to be there`, 'move it away, or name another folder')
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const kind = kindOf(folder)
    if (kind === 'file')
      throw new UserError(`${folder} is a file, and a folder is needed there`, 'move it away, or name another folder')
    if (kind === 'folder' || dirname(folder) === folder) return
  }
}

/** A link that leads nowhere counts as a file: it is in the way of a folder. */
function kindOf(path: string): 'folder' | 'file' | 'nothing' {
  try {
    const found = statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path, { throwIfNoEntry: false })
    return found === undefined ? 'nothing' : found.isDirectory() ? 'folder' : 'file'
  } catch {
    return 'nothing'
  }
}
