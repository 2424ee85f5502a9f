// QuestDB's server for tests and for trying it out: one jar from Maven Central, fetched once by Maven
// itself into a folder that git does not see. Whoever has it elsewhere names it in QUESTDB_JAR.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The newest that runs on Java 17. */
const VERSION = '9.3.4';
const JAVA_MAJOR_MIN = 17;
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

const CACHE = fileURLToPath(new URL('../node_modules/.cache/questdb', import.meta.url));

/** Where the jar lies, or will lie when it is fetched. */
export const questdbJar: string =
  process.env['QUESTDB_JAR'] ?? join(CACHE, `questdb-${VERSION}.jar`);

/** Why the server cannot be started as things are; null when it can. */
export function questdbMissing(): string | null {
  const java = javaMissing();
  if (java !== null) return java;
  return existsSync(questdbJar) ? null : `${questdbJar} is not there`;
}

/** Fetches the jar if need be. Why there is none all the same; null when there is one. */
export function fetchQuestdb(): string | null {
  const java = javaMissing();
  if (java !== null || existsSync(questdbJar)) return java;
  process.stdout.write(`\n=== Fetching QuestDB ${VERSION} with Maven\n`);
  const { error, status } = spawnSync(
    'mvn',
    ['-B', '-q', COPY, `-Dartifact=org.questdb:questdb:${VERSION}`, `-DoutputDirectory=${CACHE}`],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: ['ignore', 2, 'inherit'] },
  );
  if (error) return `Maven is not there (${error.message}); or set QUESTDB_JAR to a server's jar`;
  if (status !== 0) return 'Maven could not fetch it; or set QUESTDB_JAR to a server’s jar';
  return existsSync(questdbJar) ? null : `Maven did not put it into ${CACHE}`;
}

function javaMissing(): string | null {
  const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (error) return `Java is not there (${error.message})`;
  const major = Number(/version "(\d+)/.exec(stderr)?.[1]);
  return major >= JAVA_MAJOR_MIN ? null : `Java ${JAVA_MAJOR_MIN} or newer is needed, not ${major}`;
}
