// Stands in the worker's place where a test needs one that cannot start.
process.stderr.write('no workers today\n');
process.exitCode = 3;
