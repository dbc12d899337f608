const WORDS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk failed',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it already exists',
  ENOENT: 'no such file or folder',
  ELOOP: 'it is a symbolic link',
  ENAMETOOLONG: 'its name is too long',
  EADDRINUSE: 'it is already in use',
  EMFILE: 'too many files are open',
}

/** The errors that another name would avoid; all others are the disk's fault. */
const NAMED_WRONG = new Set(['ENOTDIR', 'EISDIR', 'EEXIST', 'ENOENT', 'ELOOP', 'ENAMETOOLONG'])

/** Describes why a file could not be read or written, with the system's error code. */
export function describeTrouble(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const words = WORDS[code ?? '']
  return words === undefined ? message : `${words} (${code})`
}

/** Returns the exit code: 2 if another name would help, 1 if the disk is at fault. */
export const exitCodeOfTrouble = (error: unknown): 1 | 2 =>
  NAMED_WRONG.has((error as NodeJS.ErrnoException).code ?? '') ? 2 : 1
