import { lstatSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../base/problem.ts'
import { describeTrouble } from './fs-errors.ts'
import type { NewFile } from './starter.ts'

/** The result of creating files: paths as they were given. */
export type Created = { created: string[]; kept: string[] }

/** Creates the files that don't exist yet and never touches one that does. Throws UserError, before anything is created, if something is in the way. */
export async function createFiles(root: string, files: NewFile[]): Promise<Created> {
  for (const { path } of files) refuseObstacle(root, path)
  const done: Created = { created: [], kept: [] }
  for (const { path, text } of files) done[(await create(join(root, path), text)) ? 'created' : 'kept'].push(path)
  return done
}

/** Creates a file and returns whether it did; an existing one is left as it is. */
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
      `cannot create ${file}: ${describeTrouble(error)}`,
      'check the folder and its permissions, then run this again',
      1,
    )
  }

function refuseObstacle(root: string, path: string): void {
  const file = join(root, path)
  if (kindOf(file) === 'folder')
    throw new UserError(`${file} is a folder, but a file is needed there`, 'move it, or choose another folder')
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const kind = kindOf(folder)
    if (kind === 'file')
      throw new UserError(`${folder} is a file, but a folder is needed there`, 'move it, or choose another folder')
    if (kind === 'folder' || dirname(folder) === folder) return
  }
}

/** Returns what a path is; a dangling link counts as a file, since it is in the way of a folder. */
function kindOf(path: string): 'folder' | 'file' | 'nothing' {
  try {
    const found = statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path, { throwIfNoEntry: false })
    return found === undefined ? 'nothing' : found.isDirectory() ? 'folder' : 'file'
  } catch {
    return 'nothing'
  }
}
