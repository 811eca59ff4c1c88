// A process that does nothing, until it is told to end.
console.log('here');
setInterval(() => {}, 60_000);
