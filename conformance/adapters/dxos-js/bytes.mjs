// Buffer.from stops silently at the first character that is not hex.
export const bytes = (text) => {
  const buffer = Buffer.from(text, 'hex');
  if (buffer.length * 2 !== text.length) {
    throw new TypeError('not hex');
  }
  return buffer;
};

export const hex = (data) => Buffer.from(data).toString('hex');
