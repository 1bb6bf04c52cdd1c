// Included first in every file of the binary that is shipped. A wait for a condition variable would need glibc 2.30
// (pthread_cond_clockwait); without this the C++ library takes pthread_cond_timedwait, and looks at the steady clock
// again when it returns.
#ifdef __cplusplus
#include <bits/c++config.h>
#undef _GLIBCXX_USE_PTHREAD_COND_CLOCKWAIT
#endif
