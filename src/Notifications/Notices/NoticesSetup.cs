using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.Booking;
using Quitanda.Content;
using Quitanda.Notifications.Deliveries;
using Quitanda.Notifications.Preferences;
using Quitanda.Notifications.Texting;
using Quitanda.Notifications.WebPush;
using Quitanda.Ordering;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>What people are told, on one screen: what that needs, its tables, its routes.</summary>
internal static class NoticesSetup
{
    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddNotices(this IServiceCollection services) => services
        .AddSettings<NoticeSettings>("Notifications")
        .AddScoped<Notifier>().AddRealtime<NoticeNews>().AddPersonalData<PersonsNotices>()
        .Subscribe<OrderStatusChanged, TellOfOrders>(TellOfOrders.Kind)
        .Subscribe<BookingMade, TellOfBookings>(TellOfBookings.MadeKind).Subscribe<BookingStatusChanged, TellOfBookings>(TellOfBookings.ChangedKind)
        .Subscribe<PaymentFailed, TellOfPayments>(TellOfPayments.FailedKind).Subscribe<PaymentRefunded, TellOfPayments>(TellOfPayments.RefundedKind)
        .Subscribe<CommentPosted, TellOfComments>(TellOfComments.PostedKind).Subscribe<CommentHidden, TellOfComments>(TellOfComments.HiddenKind)
        .Subscribe<UserRegistered, WelcomePeople>(WelcomePeople.Kind)
        .AddPreferences().AddDeliveries().AddSms().AddPush();

    /// <summary>Maps its tables.</summary>
    public static void MapNotices(this ModelBuilder model)
    {
        model.Entity<NoticeRow>().ToTable("notices", "notifications").Property(notice => notice.Data).HasColumnType("jsonb");
        model.MapPreferences();
        model.MapDeliveries();
        model.MapPush();
    }

    /// <summary>Maps its routes.</summary>
    public static void MapNotices(this IEndpointRouteBuilder routes)
    {
        var notices = routes.MapGroup("/notifications").WithTags("Notifications");
        notices.MapGet("/", ListNotices.Handle);
        notices.MapGet("/unread", CountUnread.Handle);
        notices.MapPost("/read-all", ReadAllNotices.Handle);
        notices.MapGet("/{id:guid}", ShowNotice.Handle);
        notices.MapPost("/{id:guid}/read", ReadNotice.Handle);
        notices.MapPreferences();
        routes.MapDeliveries();
        routes.MapPush();
    }
}
