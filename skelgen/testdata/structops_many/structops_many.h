// What a user of the skeleton declares too.
enum mode { MODE_SLOW, MODE_FAST = 7 };
enum wide { WIDE = 0x1ffffffffull };
