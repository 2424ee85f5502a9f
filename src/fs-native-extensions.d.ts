// The one function that we use of fs-native-extensions, which ships no types.

declare module 'fs-native-extensions' {
  /** Takes an exclusive lock (OFD on Linux) on an open file without waiting; false when another holds it. */
  export function tryLock(fd: number): boolean;
}
