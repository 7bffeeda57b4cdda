/** The process that an agent starts for the tcp and udp ports of an instance; not a command of users. */
import { runStream } from '@causeway/dataplane/stream/main';

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('error: give the folder of an instance\n');
  process.exit(2);
}
runStream(directory);
